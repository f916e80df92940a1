import assert from 'node:assert/strict';
import { numberOf } from '../numbered-records.js';
import { join, newGroupId } from '../subscriber/member.js';
import { writtenRecords } from '../subscriber/written-records.js';
import { until } from '../until.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import type { FaultSuite } from './fault-suite.js';

const lostWithinMs = 25_000;
const backWithinMs = 60_000;

/** Tests that a subscription reports the loss and the return of its brokers. */
export function contactTests({ test, harness, cluster }: FaultSuite): void {
  const failures = {
    frozen: { begin: async () => cluster.freeze(), end: async () => cluster.thaw() },
    killed: { begin: () => cluster.kill(), end: () => cluster.start() },
  };
  for (const [failure, { begin, end }] of Object.entries(failures)) {
    test(`brokers ${failure}: a subscription is not connected until they are back, and then records go on`, () =>
      withBackend(harness, async (backend) => {
        const topic = await harness.createTopic({ partitions: 1 });
        const { inbox, subscription } = await join(backend, { topic });
        await harness.writeTopic(topic, writtenRecords(0, 5, 1));
        await inbox.until(({ length }) => length >= 5, '5 records');
        assert.equal(subscription.isConnected(), true);
        await begin();
        try {
          await becomes(false, subscription.isConnected, lostWithinMs);
        } finally {
          await end();
        }
        await becomes(true, subscription.isConnected, backWithinMs);
        await harness.writeTopic(topic, writtenRecords(5, 10, 1));
        await inbox.until(({ length }) => length >= 10, '10 records');
      }));
  }
}

/** Tests a commit while the brokers are frozen, for longer than the 5 s of the contract. */
export function commitTests({ test, harness, cluster }: FaultSuite): void {
  test('brokers frozen: commit rejects with BACKEND_UNAVAILABLE, and what was marked is committed when they are back', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, writtenRecords(0, 5, 1));
      const { inbox, subscription } = await join(backend, { topic, groupId });
      await inbox.until(({ length }) => length >= 5, '5 records');
      cluster.freeze();
      try {
        subscription.markProcessed({ topic, partition: 0, nextOffset: 3 });
        await assert.rejects(within(subscription.commit(), lostWithinMs, 'the answer to the commit'), {
          code: 'BACKEND_UNAVAILABLE',
        });
      } finally {
        cluster.thaw();
      }
      await becomes(true, subscription.isConnected, backWithinMs);
      await subscription.close({ timeoutMs: 20_000 });
      const next = await join(backend, { topic, groupId });
      await next.inbox.until(({ length }) => length >= 2, '2 records');
      assert.deepEqual(next.inbox.records.map(numberOf), [3, 4]);
    }));
}

function becomes(expected: boolean, isConnected: () => boolean, timeoutMs: number): Promise<void> {
  return until(() => isConnected() === expected, timeoutMs, `isConnected is ${expected}`);
}
