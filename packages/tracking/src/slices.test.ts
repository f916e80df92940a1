import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { encodeLifecycleEvent } from '@preservarium/core';
import { expect, onTestFinished, test } from 'vitest';
import { event } from '../test/events.js';
import { withSlowRecords } from '../test/slow-records.js';
import { eventsTopic } from '../test/world.js';
import { createEventLog, createTracker } from './index.js';
import { readOldEvents } from './read-old-events.js';

const requestIds = ['r0', 'r1', 'r2', 'r3', 'r4'];

async function createWorld() {
  const backend = createMemoryBackend({ broker: createMemoryBroker({ partitions: 1 }) });
  onTestFinished(() => backend.close({ timeoutMs: 1_000 }));
  await backend.createTopic({ topic: eventsTopic, partitions: 1 });
  const values = requestIds.map((requestId) => encodeLifecycleEvent(event('dispatched', { requestId })));
  const write = () =>
    backend.publish(
      values.map((value) => ({ topic: eventsTopic, key: 'd1', value })),
      { timeoutMs: 5_000 },
    );
  return { ...withSlowRecords(backend), write };
}

test('the event loop goes on while a tracker reads events that came together', async () => {
  const { backend, readIn, write } = await createWorld();
  await using tracker = await createTracker({ backend });
  const events = tracker.watch();
  await write();
  for (const _ of requestIds) await events.next();
  expect(readIn).toEqual([0, 1, 2, 3, 4]);
});

test('the event loop goes on while an event log reads events that came together', async () => {
  const { backend, readIn, write } = await createWorld();
  await using log = await createEventLog({ backend });
  const events = log.read();
  const first = events.next();
  await write();
  await first;
  for (const _ of requestIds.slice(1)) await events.next();
  expect(readIn).toEqual([0, 1, 2, 3, 4]);
});

test('the event loop goes on while old events are read', async () => {
  const { backend, readIn, write } = await createWorld();
  await write();
  const closing = new AbortController();
  const position = { writtenAtMs: Date.now(), nextOffsets: new Map([[0, 0]]) };
  const { signal } = closing;
  let count = 0;
  for await (const records of readOldEvents({
    backend,
    topic: eventsTopic,
    position,
    onBegin() {},
    signal,
  })) {
    count += records.length;
    if (count === requestIds.length) closing.abort();
  }
  expect(readIn).toEqual([0, 1, 2, 3, 4]);
});
