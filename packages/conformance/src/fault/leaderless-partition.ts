import { partitionForKey } from '@preservarium/backend';
import { auditPushes } from '../audit-pushes.js';
import type { Inbox } from '../inbox.js';
import { assertAllAcknowledged } from '../numbered-records.js';
import { join } from '../subscriber/member.js';
import { withBackend } from '../with-backend.js';
import { assertSurvived, type PartialOutageSuite } from './partial-outage-suite.js';
import { pushOf } from './push-of.js';
import { type SteadyPush, startSteadyPushes } from './steady-pushes.js';

const partitions = 6;
const deviceIds = Array.from({ length: 60 }, (_, index) => `device-${index}`);
/** The brokers notice, and clients learn from them. */
const noticedMs = 1_000;
const outageMs = 6_000;
const patientMs = 60_000;

/** A broker dies that leads the only replica of some partitions. */
export function leaderlessPartitionTests(suite: PartialOutageSuite): void {
  const { test, harness, cluster, leadersOf } = suite;
  const name = 'a partition without leader: pushes to the others are acknowledged, and go on when it is back';

  test(name, () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions, replicationFactor: 1 });
      const oneEach = deviceIds.map((key) => ({ topic, key, value: Buffer.from('-1') }));
      assertAllAcknowledged(await backend.publish(oneEach, { timeoutMs: patientMs }), deviceIds.length);
      const { inbox } = await join(backend, { topic });
      const leaders = await leadersOf(topic);
      const victim = leaders[partitions - 1] as number;
      const isHealthy = (deviceId: string) => leaders[partitionForKey(deviceId, partitions)] !== victim;
      const pushing = startSteadyPushes({ backend, topic, deviceIds, perSecond: 50, timeoutMs: 2_000 });
      await pushing.goOnFor(1_000);
      await cluster.kill(victim);
      const beganAtMs = performance.now() + noticedMs;
      await pushing.goOnFor(noticedMs + outageMs);
      const pushes = await pushing.stop();
      const healthy = pushes.filter(({ deviceId }) => isHealthy(deviceId));
      await untilReceived(inbox, healthy);
      await cluster.start(victim);
      assertAllAcknowledged(await backend.publish(last(topic), { timeoutMs: patientMs }), deviceIds.length);
      await untilReceived(inbox, pushes);
      await assertSurvived(suite, {
        fault: 'one of three brokers killed, partitions without replicas',
        topic,
        pushes,
        healthy: healthy.filter(({ startedAtMs }) => startedAtMs > beganAtMs),
      });
    }),
  );
}

/** Resolves when the consumer has all pushes that were acknowledged. */
function untilReceived(inbox: Inbox, pushes: readonly SteadyPush[]): Promise<void> {
  return inbox.until(
    (records) => auditPushes(pushes, records.map(pushOf)).missing === 0,
    'all that was acknowledged',
  );
}

/** Records that come after all others of their devices. */
function last(topic: string) {
  return deviceIds.map((key) => ({ topic, key, value: Buffer.from(`${Number.MAX_SAFE_INTEGER}`) }));
}
