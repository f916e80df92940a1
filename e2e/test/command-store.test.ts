import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandStore, feedCommandStore } from '@preservarium/command-store';
import { createPostgresCommandStore } from '@preservarium/command-store-postgres';
import { createSqliteCommandStore } from '@preservarium/command-store-sqlite';
import {
  commandStates,
  decodeLifecycleEvent,
  encodeLifecycleEvent,
  type Lifecycle,
  type LifecycleEvent,
} from '@preservarium/core';
import { createTestTopic, type Postgres, readTopic, startPostgres } from '@preservarium/dev-services';
import { isProven, merge } from '@preservarium/tracking';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { startFeedProcess } from '../src/feed-process.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
/** Kafka takes a while to see that a member of a group was killed. */
const timeoutMs = 90_000;

let folder: string;
let postgres: Postgres;
let fileCount = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-store-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

const stores = {
  sqlite: {
    createPlace: async () => join(folder, `${fileCount++}.sqlite`),
    open: (path: string) => createSqliteCommandStore({ path }),
  },
  postgres: {
    createPlace: () => postgres.createDatabase(),
    open: (url: string) => createPostgresCommandStore({ url }),
  },
};

/** Few devices, commands and times, so that events often meet; each command is of one device. */
const arbitraryEvent = fc
  .record(
    {
      state: fc.constantFrom(...commandStates),
      second: fc.nat(9),
      number: fc.nat(400),
      attempt: fc.integer({ min: 1, max: 3 }),
      evidence: fc.constantFrom('broker', 'gateway', 'device', 'executed'),
      reason: fc.string({ unit: 'binary' }),
      result: fc.jsonValue({ maxDepth: 2 }),
      commandType: fc.constantFrom('open', 'close'),
      protocol: fc.constantFrom('mqtt', 'coap'),
      mayBeRepeat: fc.boolean(),
    },
    { requiredKeys: ['state', 'second', 'number'] },
  )
  .map(({ second, number, ...rest }): LifecycleEvent => {
    // In the future, where no retention reaches it.
    const timestamp = new Date(Date.UTC(2100, 0, 1) + second * 1_000);
    const event = {
      requestId: `r${number}`,
      deviceId: `d${number % 20}`,
      timestamp,
      ...rest,
    } as LifecycleEvent;
    // As a reader has it: without what JSON does not keep.
    const decoded = decodeLifecycleEvent(encodeLifecycleEvent(event));
    if (!decoded.ok) throw new Error(decoded.message);
    return decoded.event;
  });

/** Without commands of which only answers of their devices are known: stores do not list them. */
function merged(events: readonly LifecycleEvent[]): Map<string, Lifecycle> {
  const lifecycles = new Map<string, Lifecycle>();
  for (const event of events) {
    lifecycles.set(event.requestId, merge(lifecycles.get(event.requestId), event));
  }
  return new Map([...lifecycles].filter(([, lifecycle]) => isProven(lifecycle)));
}

async function mergedTopic(topic: string): Promise<Map<string, Lifecycle>> {
  const records = await readTopic(kafka, topic);
  return merged(
    records.flatMap(({ value }) => {
      const decoded = decodeLifecycleEvent(value);
      return decoded.ok ? [decoded.event] : [];
    }),
  );
}

/** Page by page. */
async function stored(store: CommandStore): Promise<Map<string, Lifecycle>> {
  const lifecycles = new Map<string, Lifecycle>();
  let cursor: string | undefined;
  do {
    const page = await store.list({ limit: 100, cursor });
    for (const lifecycle of page.lifecycles) lifecycles.set(lifecycle.requestId, lifecycle);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return lifecycles;
}

const cases = (['kafkajs', 'rdkafka'] as const).flatMap((backend) =>
  (['sqlite', 'postgres'] as const).map((kind) => ({ backend, kind })),
);

describe.each(cases)('$kind, fed through $backend', ({ backend: backendName, kind }) => {
  test('a process that is killed in the middle, and a rebuild, leave what merging the topic gives', async () => {
    const { createPlace, open } = stores[kind];
    const place = await createPlace();
    const eventsTopic = await createTestTopic(kafka, { partitions: 4 });
    const backend = backends[backendName](kafka);
    await using store = await open(place);
    const [first, second] = [1, 2].map((seed) => fc.sample(arbitraryEvent, { seed, numRuns: 5_000 })) as [
      LifecycleEvent[],
      LifecycleEvent[],
    ];
    const program = { backend: backendName, brokers: kafka.brokers, place, eventsTopic };

    async function write(events: readonly LifecycleEvent[]): Promise<void> {
      const records = events.map((event) => ({
        topic: eventsTopic,
        key: event.deviceId,
        value: encodeLifecycleEvent(event),
      }));
      for (const outcome of await backend.publish(records, { timeoutMs })) {
        if (!outcome.ok) throw outcome.error;
      }
    }
    const readCount = async () => {
      const { nextOffsets } = await store.progress(eventsTopic);
      return [...nextOffsets.values()].reduce((sum, count) => sum + count, 0);
    };

    await write(first);
    {
      await using _killed = startFeedProcess(program);
      await expect.poll(readCount, { timeout: timeoutMs, interval: 5 }).toBeGreaterThan(1_000);
    }
    const killedAt = await readCount();
    await write(second);
    await using feed = await feedCommandStore({ backend, store, eventsTopic, commandTopics: [] });
    await feed.untilCaughtUp({ timeoutMs });
    const expected = await mergedTopic(eventsTopic);
    expect(await stored(store)).toEqual(expected);

    await store.clear();
    await write(first.slice(0, 10));
    await feed.untilCaughtUp({ timeoutMs });
    expect(await stored(store)).toEqual(expected);
    console.info(`of ${await readCount()} events, ${killedAt} were in the store at the kill`);
    await feed.close();
    await backend.close({ timeoutMs });
  });
});

describe.each(Object.entries(stores))('%s', (_, { createPlace, open }) => {
  test('any order and repetition of events gives the commands that merge gives, and what was forgotten stays so', async () => {
    await using store = await open(await createPlace());
    const toldInParts = fc
      .array(arbitraryEvent, { minLength: 1, maxLength: 40 })
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.array(fc.shuffledSubarray(events), { maxLength: 4 }),
          fc.shuffledSubarray(events, { minLength: events.length }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(toldInParts, async ([events, repeats, again]) => {
        await store.clear();
        for (const part of [...repeats, again]) await store.save(part);
        const expected = merged(events);
        expect(await stored(store)).toEqual(expected);

        await store.prune({ finishedBefore: new Date(Date.UTC(2100, 0, 1) + 5_000) });
        const left = await stored(store);
        await store.save(events);
        expect(await stored(store)).toEqual(left);
        for (const [requestId, lifecycle] of left) expect(lifecycle).toEqual(expected.get(requestId));
      }),
      { numRuns: 100 },
    );
  });
});
