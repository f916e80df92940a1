import { assertAllAcknowledged } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { assertSurvived, type PartialOutageSuite } from './partial-outage-suite.js';
import { startSteadyPushes } from './steady-pushes.js';

const deviceIds = Array.from({ length: 60 }, (_, index) => `device-${index}`);
const patientMs = 20_000;
const replacedWithinMs = 3_000;

/** The brokers refuse the client's idempotent producer for good, under pushes. */
export function fencedProducerTests(suite: PartialOutageSuite): void {
  const { test, harness, fenceProducers } = suite;

  test('an idempotent producer that is fenced is replaced: every push is answered, and those that follow are acknowledged', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 6 });
      const bulkTopic = await harness.createTopic({ partitions: 6 });
      async function pushOneEach(to: string): Promise<void> {
        const oneEach = deviceIds.map((key) => ({ topic: to, key, value: Buffer.from('-1') }));
        assertAllAcknowledged(await backend.publish(oneEach, { timeoutMs: patientMs }), deviceIds.length);
      }
      await pushOneEach(topic);
      const pushing = startSteadyPushes({ backend, topic, deviceIds, perSecond: 100, timeoutMs: patientMs });
      await pushing.goOnFor(1_000);
      // A backend may have another producer for many records than for few.
      await pushOneEach(bulkTopic);
      const beganAtMs = performance.now();
      await fenceProducers(bulkTopic);
      await fenceProducers(topic);
      const fencedAtMs = performance.now();
      await pushing.goOnFor(replacedWithinMs);
      await pushOneEach(bulkTopic);
      await pushing.goOnFor(3_000);
      const pushes = await pushing.stop();
      await assertSurvived(suite, {
        fault: 'an idempotent producer fenced',
        topic,
        pushes,
        healthy: pushes.filter(
          ({ startedAtMs }) => startedAtMs < beganAtMs || startedAtMs > fencedAtMs + replacedWithinMs,
        ),
      });
    }));
}
