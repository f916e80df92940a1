import { AssertionError } from 'node:assert';
import { type Backend, type PublishOutcome, partitionForKey } from '@preservarium/backend';
import { PublishTimedOutError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { memoryHarness } from '../memory-harness.js';
import { partialOutageConformance } from '../partial-outage-conformance.js';

const partitions = 6;
const brokers = 3;
const leaderOf = (partition: number) => partition % brokers;

/** Three brokers that only know whether they are up. */
function createFakeBrokers() {
  const down = new Set<number>();
  const all = Array.from({ length: brokers }, (_, index) => index);
  const chosen = (broker?: number) => (broker === undefined ? all : [broker]);
  const stop = (broker?: number) => {
    for (const index of chosen(broker)) down.add(index);
  };
  const go = (broker?: number) => {
    for (const index of chosen(broker)) down.delete(index);
  };
  const isUp = (key: string | Buffer) => !down.has(leaderOf(partitionForKey(key, partitions)));
  return {
    down,
    isUp,
    freeze: stop,
    thaw: go,
    kill: async (broker?: number) => stop(broker),
    start: async (broker?: number) => go(broker),
  };
}

type FakeBrokers = ReturnType<typeof createFakeBrokers>;

/** Publishes a record when `canWrite` says so, or fails it at its deadline. */
function waits(backend: Backend, canWrite: (key: string | Buffer) => boolean): Backend {
  return {
    ...backend,
    async publish(records, options) {
      const outcomes = records.map(async (record): Promise<PublishOutcome> => {
        const giveUpAtMs = performance.now() + options.timeoutMs;
        while (!canWrite(record.key)) {
          if (performance.now() > giveUpAtMs) {
            const error = new PublishTimedOutError(options.timeoutMs, { mayBeWritten: false });
            return { ok: false, error };
          }
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const [outcome] = await backend.publish([record], options);
        return outcome as PublishOutcome;
      });
      return Promise.all(outcomes);
    },
  };
}

/** Runs the test of a partition without leader with such backends. */
async function run(wrap: (backend: Backend, fake: FakeBrokers) => Backend): Promise<unknown> {
  const fake = createFakeBrokers();
  const harness = memoryHarness();
  const tests = new Map<string, () => Promise<void>>();
  partialOutageConformance({
    cluster: fake,
    fenceProducers: async () => {},
    leadersOf: async () => Array.from({ length: partitions }, (_, partition) => leaderOf(partition)),
    harness: { ...harness, create: (settings) => wrap(harness.create(settings), fake) },
    test: (name, body) => tests.set(name, body),
  });
  const [leaderless] = tests.values();
  return leaderless?.().then(
    () => undefined,
    (error: unknown) => error,
  );
}

test.concurrent('the suite passes a backend that lets only the records of the broken partition wait', async () => {
  expect(await run((backend, fake) => waits(backend, fake.isUp))).toBeUndefined();
});

test.concurrent('the suite catches a backend that lets all records wait', async () => {
  const failure = await run((backend, fake) => waits(backend, () => fake.down.size === 0));
  expect(failure).toBeInstanceOf(AssertionError);
});
