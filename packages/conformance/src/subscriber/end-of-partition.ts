import assert from 'node:assert/strict';
import type { ProcessedPosition } from '@preservarium/backend';
import { createDeferred } from '../deferred.js';
import type { ConformanceSuite } from '../harness.js';
import { withBackend } from '../with-backend.js';
import { join, newGroupId } from './member.js';
import { writtenRecords } from './written-records.js';

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
      const first = await readToEnd(topic, groupId);
      assert.deepEqual(first, { records: [0, 1, 2], end: { topic, partition: 0, nextOffset: 4 } });
      await harness.writeTransaction(topic, writtenRecords(4, 5, 1));
      const second = await readToEnd(topic, groupId);
      assert.deepEqual(second, { records: [4], end: { topic, partition: 0, nextOffset: 6 } });

      async function readToEnd(topic: string, groupId: string) {
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
        assert.equal(offsets?.committedOffset, endOffset, 'nothing is left after the marker');
        return { records: inbox.records.map(({ offset }) => offset), end: reached };
      }
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
