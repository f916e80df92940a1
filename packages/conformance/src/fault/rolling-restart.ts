import assert from 'node:assert/strict';
import { auditPushes } from '../audit-pushes.js';
import { createInbox } from '../inbox.js';
import { assertAllAcknowledged } from '../numbered-records.js';
import { endsOf, join, type Member, newGroupId } from '../subscriber/member.js';
import { until } from '../until.js';
import { withBackend } from '../with-backend.js';
import { assertSurvived, type PartialOutageSuite } from './partial-outage-suite.js';
import { pushOf } from './push-of.js';
import { type SteadyPush, startSteadyPushes } from './steady-pushes.js';

const deviceIds = Array.from({ length: 60 }, (_, index) => `device-${index}`);
const brokers = [0, 1, 2];
const patientMs = 60_000;
/** A coordinator that is killed costs a session and a rebalance. */
const consumedWithinMs = 100_000;

/** All brokers are killed and started, one after the other, under pushes and two members of a group. */
export function rollingRestartTests(suite: PartialOutageSuite): void {
  const { test, harness, cluster } = suite;

  test('brokers restarted one by one: every push is acknowledged, and consumed in order', () =>
    withBackend(harness, (backend) =>
      withBackend(harness, async (other) => {
        const topic = await harness.createTopic({ partitions: 6 });
        const oneEach = deviceIds.map((key) => ({ topic, key, value: Buffer.from('-1') }));
        assertAllAcknowledged(await backend.publish(oneEach, { timeoutMs: patientMs }), deviceIds.length);
        const groupId = newGroupId();
        const received = createInbox();
        const members = await Promise.all(
          [backend, other].map(async (each) => {
            const joined = Promise.withResolvers<Member>();
            const member = await join(each, {
              topic,
              groupId,
              async onRecords(records) {
                received.add(records);
                const { subscription } = await joined.promise;
                for (const position of endsOf(records)) subscription.markProcessed(position);
              },
            });
            joined.resolve(member);
            return member;
          }),
        );
        const pushing = startSteadyPushes({
          backend,
          topic,
          deviceIds,
          perSecond: 100,
          timeoutMs: patientMs,
        });
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
        await assertConsumed(pushes, received, members);
      }),
    ));
}

/** Records may come again after a rebalance; the first time they come in order. */
async function assertConsumed(
  pushes: readonly SteadyPush[],
  { records }: Pick<ReturnType<typeof createInbox>, 'records'>,
  members: readonly Member[],
): Promise<void> {
  const audit = () => auditPushes(pushes, records.map(pushOf));
  await until(() => audit().missing === 0, consumedWithinMs, 'all that was acknowledged is consumed').catch(
    (error) => {
      error.message += `; ${audit().missing} are missing; connected: ${members.map(({ subscription }) => subscription.isConnected())}`;
      throw error;
    },
  );
  assert.equal(audit().outOfOrder, 0, 'each device in the order of its pushes');
}
