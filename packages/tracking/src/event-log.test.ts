import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { encodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { expect, onTestFinished, test } from 'vitest';
import { event } from '../test/events.js';
import { createEventLog, type EventLogLimits, type LoggedEvent } from './index.js';

const topic = 'device_command_events';

async function createWorld(limits: EventLogLimits = {}) {
  const broker = createMemoryBroker();
  const backend = createMemoryBackend({ broker });
  await backend.createTopic({ topic, partitions: 3 });
  const open = async () => {
    const log = await createEventLog({ backend, limits });
    onTestFinished(() => log.close());
    return log;
  };
  async function writeEvents(...events: readonly LifecycleEvent[]): Promise<void> {
    const records = events.map((each) => ({ topic, key: each.deviceId, value: encodeLifecycleEvent(each) }));
    await backend.publish(records, { timeoutMs: 5_000 });
  }
  const write = (...numbers: readonly number[]) =>
    writeEvents(
      ...numbers.map((number) =>
        event('dispatched', { deviceId: `d${number % 7}`, requestId: `r${number}` }),
      ),
    );
  return { log: await open(), open, write, writeEvents };
}

async function take(events: AsyncIterable<LoggedEvent>, count: number): Promise<LoggedEvent[]> {
  const taken: LoggedEvent[] = [];
  for await (const each of events) {
    taken.push(each);
    if (taken.length === count) break;
  }
  return taken;
}

const numbersOf = (events: readonly LoggedEvent[]) =>
  events.map(({ event: { requestId } }) => Number(requestId.slice(1))).toSorted((one, other) => one - other);
const upTo = (count: number, first = 0) => Array.from({ length: count - first }, (_, index) => first + index);

test('a reader gets what is written from its beginning on', async () => {
  const { log, write } = await createWorld();
  await write(100);
  const reading = take(log.read(), 20);
  await write(...upTo(20));
  expect(numbersOf(await reading)).toEqual(upTo(20));
});

test.each([
  ['from memory', {}],
  ['from Kafka, where memory has too few', { maxRecent: 1 }],
])('a reader goes on after a position without a gap, %s', async (_, limits) => {
  const { log, write } = await createWorld(limits);
  const reading = take(log.read(), 10);
  await write(...upTo(10));
  const read = await reading;
  await write(...upTo(40, 10));
  for (const index of [0, 4, 9]) {
    const seen = new Set(numbersOf(read.slice(0, index + 1)));
    const others = upTo(40).filter((number) => !seen.has(number));
    const resumed = await take(log.read({ after: read[index]?.position }), others.length);
    expect(numbersOf(resumed)).toEqual(others);
  }
});

test('a position of another process is one of this', async () => {
  const { log, open, write } = await createWorld();
  const reading = take(log.read(), 5);
  await write(...upTo(5));
  const after = (await reading).at(-1)?.position;
  await write(...upTo(30, 5));
  const other = await open();
  const resumed = take(other.read({ after }), 35);
  await write(...upTo(40, 30));
  expect(numbersOf(await resumed)).toEqual(upTo(40, 5));
});

test('a slow reader gets what it has room for, then an error, and goes on after its last position', async () => {
  const { log, write } = await createWorld({ maxUnread: 3 });
  const slow = log.read();
  const first = slow.next();
  await write(...upTo(10));
  const read = [(await first).value as LoggedEvent];
  const error = await (async () => {
    for await (const each of slow) read.push(each);
  })().catch((problem: unknown) => problem);
  expect(error).toMatchObject({ code: 'QUEUE_FULL' });
  const resumed = await take(log.read({ after: read.at(-1)?.position }), 10 - read.length);
  expect(numbersOf([...read, ...resumed])).toEqual(upTo(10));
});

test('large unread events count by their bytes', async () => {
  const { log, writeEvents } = await createWorld();
  const slow = log.read();
  const first = slow.next();
  const other = log.read();
  const result = 'x'.repeat(900_000);
  for (let second = 0; second < 80; second++) {
    const read = other.next();
    await writeEvents(event('succeeded', { second, result }));
    await read;
  }
  await first;
  let read = 0;
  const error = await (async () => {
    for await (const _ of slow) read += 1;
  })().catch((problem: unknown) => problem);
  expect(error).toMatchObject({ code: 'QUEUE_FULL', message: expect.stringContaining('67108864 bytes') });
  expect(read).toBeGreaterThan(60);
});

test('readings end with their signal and with the log', async () => {
  const { log } = await createWorld();
  const controller = new AbortController();
  const readings = [take(log.read({ signal: controller.signal }), 1), take(log.read(), 1)];
  controller.abort();
  expect(await readings[0]).toEqual([]);
  await log.close();
  expect(await readings[1]).toEqual([]);
});

test.each(['', 'x', '1', '1;a:b', '1;0:1,'])('"%s" is no position', async (after) => {
  const { log } = await createWorld();
  await expect(take(log.read({ after }), 1)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
});
