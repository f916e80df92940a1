import type { ConsumedRecord } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { createPartitionQueue } from './partition-queue.js';

function record(offset: number, bytes = 1): ConsumedRecord {
  const value = Buffer.alloc(bytes);
  return { topic: 'commands', partition: 0, offset, timestampMs: 0, key: null, value, headers: {} };
}

/** A queue whose handler is done when it is told. */
function createTestQueue(handlerFree: Promise<unknown> = Promise.resolve()) {
  const calls: number[][] = [];
  const failures: unknown[] = [];
  let current = Promise.withResolvers<void>();
  const queue = createPartitionQueue({
    partition: { topic: 'commands', partition: 0 },
    handlerFree,
    onRecords(records) {
      calls.push(records.map(({ offset }) => offset));
      current = Promise.withResolvers<void>();
      return current.promise;
    },
    onHandling() {},
    onTaken() {},
    onFailed: (error) => failures.push(error),
  });
  return {
    queue,
    calls,
    failures,
    done: () => current.resolve(),
    fail: (error: unknown) => current.reject(error),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the next records wait until the handler is done, and then come together', async () => {
  const { queue, calls, done } = createTestQueue();
  await settled();
  for (const offset of [0, 1, 2]) {
    queue.add(record(offset));
    queue.handOver();
  }
  expect(calls).toEqual([[0]]);
  done();
  await settled();
  expect(calls).toEqual([[0], [1, 2]]);
});

test('a call of the handler from an earlier assignment is waited for', async () => {
  const earlier = Promise.withResolvers<void>();
  const { queue, calls } = createTestQueue(earlier.promise);
  queue.add(record(5));
  queue.handOver();
  expect(calls).toEqual([]);
  earlier.resolve();
  await settled();
  expect(calls).toEqual([[5]]);
});

test('what came already is not handed over again', async () => {
  const { queue, calls } = createTestQueue();
  for (const offset of [3, 4, 3, 4, 5]) queue.add(record(offset));
  await settled();
  expect(calls).toEqual([[3, 4, 5]]);
});

test('only what was handed over can be settled', async () => {
  const { queue } = createTestQueue();
  await settled();
  queue.add(record(3));
  queue.handOver();
  queue.add(record(4));
  expect([3, 4, 5].map((nextOffset) => queue.hasHandedOver(nextOffset))).toEqual([false, true, false]);
});

test('it is full at 1,000 records or 4 MiB', () => {
  const { queue } = createTestQueue();
  for (let offset = 0; offset < 999; offset++) queue.add(record(offset));
  expect(queue.isFull()).toBe(false);
  queue.add(record(999));
  expect(queue.isFull()).toBe(true);

  const large = createTestQueue().queue;
  large.add(record(0, 4 * 1024 * 1024));
  expect(large.isFull()).toBe(true);
});

test('after a failure of the handler nothing more is handed over', async () => {
  const { queue, calls, failures, fail } = createTestQueue();
  queue.add(record(0));
  await settled();
  queue.add(record(1));
  const failure = new Error('the handler failed');
  fail(failure);
  await settled();
  expect(failures).toEqual([failure]);
  expect(calls).toEqual([[0]]);
});
