import assert from 'node:assert/strict';
import { type PublishOutcome, partitionForKey } from '@preservarium/backend';
import { assertAllAcknowledged } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { assertSurvived, type PartialOutageSuite } from './partial-outage-suite.js';
import { startSteadyPushes } from './steady-pushes.js';

const partitions = 6;
const deviceIds = Array.from({ length: 60 }, (_, index) => `device-${index}`);
/** Far more than the steady pushes need, far less than the loud ones. */
const bytesPerSecond = 50_000;
const loudBytes = 100_000;
const loudEveryMs = 100;
const noticedMs = 2_000;
const patientMs = 60_000;

/** A topic gets more than the quota of its client allows: the broker that leads it makes the client wait. */
export function throttledBrokerTests(suite: PartialOutageSuite): void {
  const { test, harness, leadersOf, limitProducers } = suite;

  test('a broker that throttles a loud topic: pushes to the other brokers are acknowledged', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions });
      const loud = await harness.createTopic({ partitions: 1 });
      const oneEach = deviceIds.map((key) => ({ topic, key, value: Buffer.from('-1') }));
      assertAllAcknowledged(await backend.publish(oneEach, { timeoutMs: patientMs }), deviceIds.length);
      const [leaders, [throttling]] = [await leadersOf(topic), await leadersOf(loud)];
      const loudRecord = { topic: loud, key: 'loud', value: Buffer.alloc(loudBytes) };
      const calls: Promise<readonly PublishOutcome[]>[] = [];
      await limitProducers(bytesPerSecond);
      try {
        const pushing = startSteadyPushes({ backend, topic, deviceIds, perSecond: 50, timeoutMs: 2_000 });
        const beganAtMs = performance.now() + noticedMs;
        while (performance.now() < beganAtMs + 6_000) {
          calls.push(backend.publish([loudRecord], { timeoutMs: 2_000 }));
          await pushing.goOnFor(loudEveryMs);
        }
        const pushes = await pushing.stop();
        const loudOutcomes = (await Promise.all(calls)).flat();
        assert.ok(!loudOutcomes.every(({ ok }) => ok), 'the quota holds the loud topic back');
        const isElsewhere = (deviceId: string) =>
          leaders[partitionForKey(deviceId, partitions)] !== throttling;
        await assertSurvived(suite, {
          fault: 'one of three brokers throttles the client',
          topic,
          pushes,
          healthy: pushes.filter(
            ({ deviceId, startedAtMs }) => isElsewhere(deviceId) && startedAtMs > beganAtMs,
          ),
        });
      } finally {
        await limitProducers(undefined);
      }
    }));
}
