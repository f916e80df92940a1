import assert from 'node:assert/strict';
import { auditPushes } from '../audit-pushes.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import type { FaultSuite } from './fault-suite.js';
import { startPushLoad } from './push-load.js';
import { pushOf } from './push-of.js';

const timeoutMs = 30_000;
const frozenMs = 4_000;

const loads = {
  single: { callsInFlight: 2_000, recordsPerCall: [1], minInFlight: 1_000, minAcknowledged: 5_000 },
  bulk: { callsInFlight: 10, recordsPerCall: [500], minInFlight: 1_000, minAcknowledged: 5_000 },
  few: { callsInFlight: 20, recordsPerCall: [1], minInFlight: 1, minAcknowledged: 2_000 },
  mixed: {
    callsInFlight: 10,
    recordsPerCall: [1, 1, 1, 1, 1, 1, 1, 300],
    minInFlight: 1,
    minAcknowledged: 2_000,
  },
};

/** A broker fails while pushes are in flight; then the topic is compared with the outcomes of the callers. */
export function midPushTests({ test, harness, cluster, onAudit }: FaultSuite): void {
  const faults = {
    frozen: async () => {
      cluster.freeze();
      await new Promise((resolve) => setTimeout(resolve, frozenMs));
      cluster.thaw();
    },
    'killed and restarted': async () => {
      await cluster.kill();
      await cluster.start();
    },
  };

  for (const [fault, happen] of Object.entries(faults)) {
    for (const [kind, { minInFlight, minAcknowledged, ...load }] of Object.entries(loads)) {
      const name = `brokers ${fault} during ${kind} pushes: none that is acknowledged is missing, repeated or out of order`;
      test(name, () =>
        withBackend(harness, async (backend) => {
          const topic = await harness.createTopic({ partitions: 6 });
          const pushing = startPushLoad({ backend, topic, devices: 100, timeoutMs, ...load });
          try {
            await within(
              pushing.acknowledged(minAcknowledged),
              timeoutMs,
              `the first ${minAcknowledged} acknowledgements`,
            );
            assert.ok(pushing.inFlight() >= minInFlight, `at least ${minInFlight} pushes are in flight`);
            await happen();
            await within(
              pushing.acknowledged(minAcknowledged),
              2 * timeoutMs,
              `${minAcknowledged} acknowledgements after the failure`,
            );
          } finally {
            await pushing.stop();
          }
          const { pushes, unansweredCalls, failures } = await pushing.stop();
          const audit = auditPushes(pushes, (await harness.readTopic(topic)).map(pushOf));
          onAudit?.(name, { ...audit, pushes: pushes.length, failures });
          assert.equal(unansweredCalls, 0, 'every push is answered by its deadline');
          assert.deepEqual(
            { missing: audit.missing, repeated: audit.repeated, outOfOrder: audit.outOfOrder },
            { missing: 0, repeated: 0, outOfOrder: 0 },
          );
        }),
      );
    }
  }
}
