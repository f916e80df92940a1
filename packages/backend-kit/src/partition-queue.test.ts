import type { ConsumedRecord } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { createPartitionQueue, type PartitionQueueOptions } from './partition-queue.js';

function record(offset: number, bytes = 1): ConsumedRecord {
  const value = Buffer.alloc(bytes);
  return { topic: 'commands', partition: 0, offset, timestampMs: 0, key: null, value, headers: [] };
}

/** A queue whose call of `onRecords` ends when the test says so. */
function createTestQueue({ nextOffset = 0, ...options }: Partial<PartitionQueueOptions> = {}) {
  const calls: number[][] = [];
  const failures: unknown[] = [];
  let current = Promise.withResolvers<void>();
  const queue = createPartitionQueue({
    topic: 'commands',
    partition: 0,
    nextOffset,
    readFrom: nextOffset,
    after: undefined,
    onRecords(records) {
      calls.push(records.map(({ offset }) => offset));
      current = Promise.withResolvers<void>();
      return current.promise;
    },
    onCaughtUp: undefined,
    onHandling() {},
    onFailure: (error) => failures.push(error),
    ...options,
  });
  return {
    queue,
    calls,
    failures,
    end: () => current.resolve(),
    fail: (error: unknown) => current.reject(error),
  };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('the next records wait until the call has ended, and then come together', async () => {
  const { queue, calls, end } = createTestQueue();
  let isDone = false;
  for (const offset of [0, 1, 2]) {
    queue.add(record(offset));
    void queue.handOver().then(() => {
      isDone = true;
    });
  }
  expect(calls).toEqual([[0]]);
  end();
  await nextTurn();
  expect(calls).toEqual([[0], [1, 2]]);
  expect(isDone).toBe(false);
  end();
  await nextTurn();
  expect(isDone).toBe(true);
});

test('a call from an earlier assignment is waited for', async () => {
  const earlier = Promise.withResolvers<void>();
  const { queue, calls } = createTestQueue({ after: earlier.promise });
  queue.add(record(5));
  void queue.handOver();
  expect(calls).toEqual([]);
  earlier.resolve();
  await nextTurn();
  expect(calls).toEqual([[5]]);
});

test('only positions that were handed over can be marked, and the highest one is due until it is committed', () => {
  const { queue } = createTestQueue();
  queue.add(record(3));
  queue.add(record(4));
  void queue.handOver();
  queue.add(record(5));
  const dueAfter = (nextOffset: number) => {
    queue.markProcessed(nextOffset);
    return queue.dueOffset();
  };
  expect([2, 3, 6, 5, 4].map(dueAfter)).toEqual([undefined, undefined, undefined, 5, 5]);
  queue.committed(5);
  expect(queue.dueOffset()).toBeUndefined();
});

test('where it starts is committed: nothing is due before more is processed', () => {
  const { queue } = createTestQueue({ nextOffset: 8 });
  queue.add(record(8));
  void queue.handOver();
  expect(queue.dueOffset()).toBeUndefined();
  queue.markProcessed(9);
  expect(queue.dueOffset()).toBe(9);
});

test('where the application knows records before the first one, they can be marked as processed', () => {
  const { queue } = createTestQueue({ nextOffset: 2, readFrom: 8 });
  queue.add(record(8));
  void queue.handOver();
  queue.markProcessed(5);
  expect(queue.dueOffset()).toBe(5);
});

test('it is full at 1,000 records or 4 MiB, until they are taken', async () => {
  const { queue } = createTestQueue();
  for (let offset = 0; offset < 999; offset++) queue.add(record(offset));
  expect(queue.isFull()).toBe(false);
  queue.add(record(999));
  expect(queue.isFull()).toBe(true);
  const taken = queue.taken();
  void queue.handOver();
  await taken;
  expect(queue.isFull()).toBe(false);

  const large = createTestQueue().queue;
  large.add(record(0, 4 * 1024 * 1024));
  expect(large.isFull()).toBe(true);
});

test('a queue that is stopped drops what it has and hands over nothing more', async () => {
  const { queue, calls, end } = createTestQueue();
  queue.add(record(0));
  const processed = queue.handOver();
  queue.add(record(1));
  const taken = queue.taken();
  queue.stop();
  await taken;
  queue.add(record(2));
  end();
  await processed;
  await queue.handOver();
  expect(calls).toEqual([[0]]);
});

test('after a call that failed nothing more is handed over', async () => {
  const { queue, calls, failures, fail } = createTestQueue();
  queue.add(record(0));
  const processed = queue.handOver();
  queue.add(record(1));
  const failure = new Error('mine');
  fail(failure);
  await processed;
  expect(failures).toEqual([failure]);
  expect(calls).toEqual([[0]]);
});

test('the queue reports the end when the records before it are handled, but not where more have come since', async () => {
  const ends: number[] = [];
  const { queue, end } = createTestQueue({ onCaughtUp: ({ nextOffset }) => void ends.push(nextOffset) });
  queue.add(record(0));
  queue.reached(1);
  const handled = queue.handOver();
  await nextTurn();
  expect(ends).toEqual([]);
  queue.add(record(1));
  end();
  await nextTurn();
  end();
  await handled;
  expect(ends).toEqual([]);
  queue.reached(3);
  await queue.handOver();
  expect(ends).toEqual([3]);
  queue.stop();
  queue.reached(4);
  await queue.handOver();
  expect(ends).toEqual([3]);
});

test('offsets without records at the end are due with the record before them', async () => {
  const { queue, end } = createTestQueue({ nextOffset: 2 });
  queue.reached(3);
  await queue.handOver();
  expect(queue.dueOffset()).toBe(3);
  queue.add(record(3));
  queue.reached(5);
  const handled = queue.handOver();
  end();
  await handled;
  queue.committed(3);
  expect(queue.dueOffset()).toBeUndefined();
  queue.markProcessed(4);
  expect(queue.dueOffset()).toBe(5);
});

test('a call takes 256 KiB at most, and a larger record alone', async () => {
  const { queue, calls, end } = createTestQueue();
  void queue.handOver();
  const sizes = [1, 100_000, 100_000, 100_000, 300_000, 1, 1];
  for (const [offset, bytes] of sizes.entries()) queue.add(record(offset, bytes));
  void queue.handOver();
  for (const _ of sizes) {
    end();
    await nextTurn();
  }
  expect(calls).toEqual([[0, 1, 2], [3], [4], [5, 6]]);
  queue.markProcessed(7);
  expect(queue.dueOffset()).toBe(7);
});

test('the event loop goes on between calls that compute', async () => {
  let turns = 0;
  const seenTurns: number[] = [];
  const { queue } = createTestQueue({
    async onRecords() {
      seenTurns.push(turns);
      const endsAtMs = performance.now() + 11;
      while (performance.now() < endsAtMs) {
        // As a decoder does: the event loop stands still.
      }
      setImmediate(() => {
        turns += 1;
      });
    },
  });
  for (const offset of [0, 1, 2]) queue.add(record(offset, 300_000));
  await queue.handOver();
  expect(seenTurns).toEqual([0, 1, 2]);
});
