import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { assertAllAcknowledged, codesOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { assertSurvived, type PartialOutageSuite } from './partial-outage-suite.js';
import { startSteadyPushes } from './steady-pushes.js';

const deviceIds = Array.from({ length: 60 }, (_, index) => `device-${index}`);
const timeoutMs = 5_000;
const patientMs = 60_000;

/** Pushes to topics that the brokers refuse, in the same calls and beside pushes to a good one. */
export function refusedTopicTests(suite: PartialOutageSuite): void {
  const { test, harness } = suite;

  test('an invalid and an unknown topic: pushes to a good one beside them are acknowledged', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 6 });
      const oneEach = deviceIds.map((key) => ({ topic, key, value: Buffer.from('-1') }));
      assertAllAcknowledged(await backend.publish(oneEach, { timeoutMs: patientMs }), deviceIds.length);
      const pushing = startSteadyPushes({ backend, topic, deviceIds, perSecond: 50, timeoutMs });
      const refused = ['not a topic', `unknown-${randomUUID()}`];
      const records = refused.map((bad) => ({ topic: bad, key: 'device-1', value: Buffer.from('-1') }));
      const codes = new Set<string>();
      for (let call = 0; call < 40; call++) {
        const outcomes = backend.publish(records, { timeoutMs });
        await pushing.goOnFor(100);
        if (call % 10 === 0) for (const code of codesOf(await outcomes)) codes.add(code);
      }
      const pushes = await pushing.stop();
      assert.ok(!codes.has('ok'), 'nothing is acknowledged that the brokers refuse');
      await assertSurvived(suite, {
        fault: 'an invalid and an unknown topic beside a good one',
        topic,
        pushes,
        healthy: pushes,
      });
    }));
}
