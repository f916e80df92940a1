import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { assertAllAcknowledged } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { assertSurvived, type PartialOutageSuite } from './partial-outage-suite.js';
import { startSteadyPushes } from './steady-pushes.js';

const deviceIds = Array.from({ length: 60 }, (_, index) => `device-${index}`);
const victim = 0;
/** The brokers elect others in place of a frozen one. */
const electedWithinMs = 30_000;
/** Clients have found the new leaders so much later. */
const foundWithinMs = 5_000;
const patientMs = 60_000;

/** A broker stops answering, and leaves its connections open. */
export function frozenBrokerTests(suite: PartialOutageSuite): void {
  const { test, harness, cluster, leadersOf } = suite;

  test('one of three brokers frozen: pushes go on with the leaders that follow', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 6 });
      const oneEach = deviceIds.map((key) => ({ topic, key, value: Buffer.from('-1') }));
      assertAllAcknowledged(await backend.publish(oneEach, { timeoutMs: patientMs }), deviceIds.length);
      const pushing = startSteadyPushes({ backend, topic, deviceIds, perSecond: 50, timeoutMs: 2_000 });
      await pushing.goOnFor(1_000);
      let beganAtMs = 0;
      try {
        cluster.freeze(victim);
        await untilLeftOut(topic);
        beganAtMs = performance.now() + foundWithinMs;
        await pushing.goOnFor(foundWithinMs + 3_000);
      } finally {
        cluster.thaw(victim);
      }
      await pushing.goOnFor(2_000);
      await assertSurvived(suite, {
        fault: 'one of three brokers frozen',
        ...(await healthyAfter(pushing, () => beganAtMs)),
        topic,
      });
    }));

  async function untilLeftOut(topic: string): Promise<void> {
    const giveUpAtMs = performance.now() + electedWithinMs;
    for (;;) {
      const leaders = await leadersOf(topic, { except: victim }).catch(() => [victim]);
      if (!leaders.includes(victim)) return;
      assert.ok(performance.now() < giveUpAtMs, 'the frozen broker leads partitions still');
      await pause(100);
    }
  }
}

async function healthyAfter(pushing: ReturnType<typeof startSteadyPushes>, beganAtMs: () => number) {
  const pushes = await pushing.stop();
  return { pushes, healthy: pushes.filter(({ startedAtMs }) => startedAtMs > beganAtMs()) };
}
