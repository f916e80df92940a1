import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from '../subscriber/member.js';
import { writtenRecords } from '../subscriber/written-records.js';
import { withBackend } from '../with-backend.js';
import type { FaultSuite } from './fault-suite.js';

const lostWithinMs = 25_000;
const backWithinMs = 60_000;
const pollMs = 50;

/** Whether a subscription says that its brokers are away, and that they are back. */
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

async function becomes(expected: boolean, isConnected: () => boolean, timeoutMs: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (isConnected() !== expected) {
    assert.ok(performance.now() < deadlineMs, `isConnected is not ${expected} within ${timeoutMs} ms`);
    await pause(pollMs);
  }
}
