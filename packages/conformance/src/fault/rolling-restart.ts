import assert from 'node:assert/strict';
import type { AuditedRecord } from '../audit-pushes.js';
import { assertAllAcknowledged } from '../numbered-records.js';
import { join } from '../subscriber/member.js';
import { withBackend } from '../with-backend.js';
import { assertSurvived, type PartialOutageSuite } from './partial-outage-suite.js';
import { pushOf } from './push-of.js';
import { type SteadyPush, startSteadyPushes } from './steady-pushes.js';

const deviceIds = Array.from({ length: 60 }, (_, index) => `device-${index}`);
const brokers = [0, 1, 2];
const patientMs = 60_000;

/** All brokers are killed and started, one after the other, under pushes and a subscription. */
export function rollingRestartTests(suite: PartialOutageSuite): void {
  const { test, harness, cluster } = suite;

  test('brokers restarted one by one: every push is acknowledged, and every record comes to the consumer in order', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 6 });
      const { inbox } = await join(backend, { topic });
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
      const received = deviceIds.length + pushes.length;
      await inbox.until((records) => distinct(records.map(pushOf)) >= received, `${received} records`);
      assertInOrder(inbox.records.map(pushOf), pushes);
    }));
}

function distinct(received: readonly AuditedRecord[]): number {
  return new Set(received.map(({ deviceId, sequence }) => `${sequence}@${deviceId}`)).size;
}

/** Throws unless each push is received, and those of a device in their order the first time. A record may come again. */
function assertInOrder(received: readonly AuditedRecord[], pushes: readonly SteadyPush[]): void {
  const latest = new Map<string, number>();
  for (const { deviceId, sequence } of received) {
    const before = latest.get(deviceId) ?? -2;
    if (sequence <= before) continue;
    assert.equal(sequence, before + 1, `${deviceId}: record ${sequence} comes after record ${before}`);
    latest.set(deviceId, sequence);
  }
  for (const { deviceId, sequence } of pushes) assert.ok((latest.get(deviceId) ?? -2) >= sequence);
}
