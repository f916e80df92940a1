import { assertAllAcknowledged } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { assertSurvived, type PartialOutageSuite } from './partial-outage-suite.js';
import { startSteadyPushes } from './steady-pushes.js';

const deviceIds = Array.from({ length: 60 }, (_, index) => `device-${index}`);
const brokers = [0, 1, 2];
const patientMs = 60_000;

/** All brokers are killed and started, one after the other, under pushes. */
export function rollingRestartTests(suite: PartialOutageSuite): void {
  const { test, harness, cluster } = suite;

  test('brokers restarted one by one: every push is acknowledged', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 6 });
      const oneEach = deviceIds.map((key) => ({ topic, key, value: Buffer.from('-1') }));
      assertAllAcknowledged(await backend.publish(oneEach, { timeoutMs: patientMs }), deviceIds.length);
      const pushing = startSteadyPushes({ backend, topic, deviceIds, perSecond: 100, timeoutMs: patientMs });
      for (const broker of brokers) {
        await cluster.kill(broker);
        await cluster.start(broker);
      }
      const pushes = await pushing.stop();
      await assertSurvived(suite, {
        fault: 'three brokers killed and started one by one',
        topic,
        pushes,
        healthy: pushes,
      });
    }));
}
