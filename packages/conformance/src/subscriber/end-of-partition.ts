import assert from 'node:assert/strict';
import type { Backend, ProcessedPosition } from '@preservarium/backend';
import { createDeferred } from '../deferred.js';
import type { ConformanceSuite } from '../harness.js';
import { withBackend } from '../with-backend.js';
import { join, newGroupId } from './member.js';
import { writtenRecords } from './written-records.js';

/** Joins the group until it has read what is in the only partition of the topic now, and marks all of that as processed. */
async function readToEnd(
  backend: Backend,
  { topic, groupId }: { readonly topic: string; readonly groupId: string },
) {
  const [{ endOffset } = { endOffset: 0 }] = await backend.offsets({ topic, groupId });
  const end = Promise.withResolvers<ProcessedPosition>();
  const { inbox, subscription, markAllProcessed } = await join(backend, {
    topic,
    groupId,
    onCaughtUp(position) {
      if (position.nextOffset >= endOffset) end.resolve(position);
    },
  });
  const reached = await end.promise;
  markAllProcessed();
  await subscription.close({ timeoutMs: 20_000 });
  const [offsets] = await backend.offsets({ topic, groupId });
  assert.equal(offsets?.committedOffset, endOffset, 'nothing is left before the end');
  return { records: inbox.records.map(({ offset }) => offset), end: reached };
}

export function endOfPartitionTests({ test, harness }: ConformanceSuite): void {
  test('subscribe: onCaughtUp says when the end is reached, after the records before it', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      await harness.writeTopic(topic, writtenRecords(0, 3_000, 1));
      const counts: [handled: number, nextOffset: number][] = [];
      const ends = new Map([3_000, 3_001].map((end) => [end, createDeferred()]));
      let handled = 0;
      await join(backend, {
        topic,
        async onRecords(records) {
          await new Promise(setImmediate);
          handled += records.length;
        },
        onCaughtUp({ nextOffset }) {
          counts.push([handled, nextOffset]);
          ends.get(nextOffset)?.resolve();
        },
      });
      await ends.get(3_000)?.promise;
      await harness.writeTopic(topic, writtenRecords(3_000, 3_001, 1));
      await ends.get(3_001)?.promise;
      assert.deepEqual(
        counts.filter(([count, nextOffset]) => count !== nextOffset),
        [],
        'all records below the position are handled',
      );
    }));

  test('subscribe: the marker of a transaction at the end is read, and committed with the record before it', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      await harness.writeTransaction(topic, writtenRecords(0, 3, 1));
      const first = await readToEnd(backend, { topic, groupId });
      assert.deepEqual(first, { records: [0, 1, 2], end: { topic, partition: 0, nextOffset: 4 } });
      await harness.writeTransaction(topic, writtenRecords(4, 5, 1));
      const second = await readToEnd(backend, { topic, groupId });
      assert.deepEqual(second, { records: [4], end: { topic, partition: 0, nextOffset: 6 } });
    }));

  test('subscribe: the records of an aborted transaction are passed over', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, writtenRecords(0, 2, 1));
      await harness.writeTransaction(topic, writtenRecords(2, 4, 1), 'aborted');
      const first = await readToEnd(backend, { topic, groupId });
      assert.deepEqual(first, { records: [0, 1], end: { topic, partition: 0, nextOffset: 5 } });
      await harness.writeTopic(topic, writtenRecords(5, 6, 1));
      const second = await readToEnd(backend, { topic, groupId });
      assert.deepEqual(second, { records: [5], end: { topic, partition: 0, nextOffset: 6 } });
    }));

  test('subscribe: a partition ends where an open transaction begins', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      await harness.writeTransaction(topic, writtenRecords(0, 3, 1));
      await harness.writeTransaction(topic, writtenRecords(4, 6, 1), 'open');
      const first = await readToEnd(backend, { topic, groupId });
      assert.deepEqual(first, { records: [0, 1, 2], end: { topic, partition: 0, nextOffset: 4 } });
    }));

  test('subscribe: a rejection of onCaughtUp ends the subscription', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      await harness.writeTopic(topic, writtenRecords(0, 1, 1));
      const error = new Error('the end cannot be noted');
      const { subscription } = await join(backend, { topic, onCaughtUp: () => Promise.reject(error) });
      await assert.rejects(subscription.closed, error);
    }));
}
