import assert from 'node:assert/strict';
import type { ConformanceHarness, ConformanceSuite } from '../harness.js';
import { numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { join, type Member, newGroupId } from './member.js';
import { writtenRecords } from './written-records.js';

const closeOptions = { timeoutMs: 10_000 };

export function offsetTests({ test, harness }: ConformanceSuite): void {
  test('offsets: a group goes on after what was processed', async () => {
    const continued = await numbersAfter(harness, async ({ subscription, inbox }) => {
      const [record] = inbox.records;
      if (record) subscription.markProcessed({ topic: record.topic, partition: 0, nextOffset: 4 });
      await subscription.close(closeOptions);
    });
    assert.deepEqual(continued, [4, 5, 6, 7, 8, 9]);
  });

  test('offsets: commit makes durable what was processed', async () => {
    const continued = await numbersAfter(harness, async ({ subscription, inbox }) => {
      const [record] = inbox.records;
      if (record) subscription.markProcessed({ topic: record.topic, partition: 0, nextOffset: 7 });
      await subscription.commit();
      await subscription.close(closeOptions);
    });
    assert.deepEqual(continued, [7, 8, 9]);
  });

  test('offsets: where nothing was marked as processed, everything comes again', async () => {
    const continued = await numbersAfter(harness, async ({ subscription }) => {
      await subscription.commit();
      await subscription.close(closeOptions);
    });
    assert.deepEqual(continued, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('offsets: what is marked after close is not committed', async () => {
    const continued = await numbersAfter(harness, async (member) => {
      await member.subscription.close(closeOptions);
      member.markAllProcessed();
    });
    assert.deepEqual(continued, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('offsets: a position beyond what was handed over is ignored', async () => {
    const continued = await numbersAfter(harness, async ({ subscription, inbox }) => {
      const [record] = inbox.records;
      if (record) subscription.markProcessed({ topic: record.topic, partition: 0, nextOffset: 12 });
      await subscription.commit();
      await subscription.close(closeOptions);
    });
    assert.deepEqual(continued, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('offsets: closing the backend commits what was processed too', () =>
    withBackend(harness, async (second) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, writtenRecords(0, 10, 1));
      const first = harness.create();
      const member = await join(first, { topic, groupId });
      await member.inbox.until(({ length }) => length >= 10, '10 records');
      member.subscription.markProcessed({ topic, partition: 0, nextOffset: 8 });
      await first.close(closeOptions);
      await member.subscription.closed;
      const { inbox } = await join(second, { topic, groupId });
      await inbox.until(({ length }) => length >= 2, '2 records');
      assert.deepEqual(inbox.records.map(numberOf), [8, 9]);
    }));

  test('offsets: each partition is marked for itself', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, writtenRecords(0, 30, 3));
      const first = await join(backend, { topic, groupId });
      await first.inbox.until(({ length }) => length >= 30, '30 records');
      first.subscription.markProcessed({ topic, partition: 0, nextOffset: 10 });
      first.subscription.markProcessed({ topic, partition: 1, nextOffset: 5 });
      await first.subscription.close(closeOptions);
      const second = await join(backend, { topic, groupId });
      await second.inbox.until(({ length }) => length >= 15, '15 records');
      const offsetsOf = (partition: number) =>
        second.inbox.records.filter((record) => record.partition === partition).map(({ offset }) => offset);
      assert.deepEqual(offsetsOf(0), []);
      assert.deepEqual(offsetsOf(1), [5, 6, 7, 8, 9]);
      assert.deepEqual(offsetsOf(2), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }));
}

/**
 * Lets a member take 10 records and `leave`; gives the numbers of those that the next member of the group is handed again,
 * before one that is written in between.
 */
async function numbersAfter(
  harness: ConformanceHarness,
  leave: (member: Member) => Promise<void>,
): Promise<number[]> {
  const topic = await harness.createTopic({ partitions: 1 });
  const groupId = newGroupId();
  await harness.writeTopic(topic, writtenRecords(0, 10, 1));
  await withBackend(harness, async (backend) => {
    const member = await join(backend, { topic, groupId });
    await member.inbox.until(({ length }) => length >= 10, '10 records');
    await leave(member);
  });
  await harness.writeTopic(topic, writtenRecords(10, 11, 1));
  let numbers: number[] = [];
  await withBackend(harness, async (backend) => {
    const { inbox } = await join(backend, { topic, groupId });
    await inbox.until((records) => records.some((record) => numberOf(record) === 10), 'the new record');
    numbers = inbox.records.map(numberOf).slice(0, -1);
  });
  return numbers;
}
