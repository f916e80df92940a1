import assert from 'node:assert/strict';
import type { ConsumedRecord } from '@preservarium/backend';
import { createDeferred } from '../deferred.js';
import type { ConformanceSuite } from '../harness.js';
import { numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import { join, type Member, newGroupId } from './member.js';
import { writtenRecords } from './written-records.js';

const rebalanceTimeoutMs = 45_000;

export function callbackTests({ test, harness }: ConformanceSuite): void {
  test('callbacks: when onRevoked rejects, what it marked is committed, and closed rejects with SUBSCRIPTION_FAILED', () =>
    withBackend(harness, (firstBackend) =>
      withBackend(harness, async (secondBackend) => {
        const topic = await harness.createTopic({ partitions: 2 });
        const groupId = newGroupId();
        await harness.writeTopic(topic, writtenRecords(0, 10, 2));
        const failure = new Error('onRevoked failed');
        let isRevoked = false;
        const first: Member = await join(firstBackend, {
          topic,
          groupId,
          async onRevoked() {
            isRevoked = true;
            for (const partition of [0, 1]) {
              first.subscription.markProcessed({ topic, partition, nextOffset: 3 });
            }
            throw failure;
          },
        });
        await first.inbox.until(({ length }) => length >= 10, '10 records');
        const ended = first.subscription.closed.then(
          () => undefined,
          (error: unknown) => error,
        );
        const second = await join(secondBackend, { topic, groupId });
        await second.inbox.until(({ length }) => length >= 1, 'a record for the next member');
        assert.equal(isRevoked, true);
        assert.equal(first.subscription.isConnected(), false, 'the subscription has ended');
        // The group rebalances once more when the first member leaves, so that records may come again.
        const numbers = (records: readonly ConsumedRecord[]) => new Set(records.map(numberOf));
        await second.inbox.until((records) => numbers(records).size >= 4, '4 records');
        assert.deepEqual(
          [...numbers(second.inbox.records)].sort((a, b) => a - b),
          [6, 7, 8, 9],
        );
        const error = await within(ended, rebalanceTimeoutMs, 'the end of the subscription');
        assert.deepEqual(
          error instanceof Error && 'code' in error && { code: error.code, cause: error.cause },
          { code: 'SUBSCRIPTION_FAILED', cause: failure },
        );
      }),
    ));

  test('callbacks: when onAssigned throws, subscribing rejects with SUBSCRIPTION_FAILED, and the group goes on', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      const failure = new Error('onAssigned failed');
      const failing = join(backend, {
        topic,
        groupId,
        onAssigned() {
          throw failure;
        },
      });
      await assert.rejects(within(failing, rebalanceTimeoutMs, 'the answer'), {
        code: 'SUBSCRIPTION_FAILED',
        cause: failure,
      });
      const assigned = createDeferred();
      await join(backend, { topic, groupId, onOwnedChanged: assigned.resolve });
      await within(assigned.promise, rebalanceTimeoutMs, 'the partition for the next member');
    }));
}
