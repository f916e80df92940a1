import assert from 'node:assert/strict';
import { auditPushes } from '../audit-pushes.js';
import type { ConformanceSuite, FaultyCluster } from '../harness.js';
import { pushOf } from './push-of.js';
import type { SteadyPush } from './steady-pushes.js';

/** Three brokers, used by nobody else. */
export interface PartialOutageSuite extends ConformanceSuite {
  readonly cluster: FaultyCluster;
  /** Returns the index of the broker that leads each partition. `except` is the index of a broker that cannot be asked. */
  leadersOf(topic: string, options?: { readonly except?: number }): Promise<readonly number[]>;
  /** Makes the brokers refuse the idempotent producer that wrote the last records of each partition, and writes a record whose value is -1 for that. */
  fenceProducers(topic: string): Promise<void>;
  /** Limits what all producers together write to each broker, in bytes per second; `undefined` removes the limit. */
  limitProducers(bytesPerSecond: number | undefined): Promise<void>;
  /** Receives what was counted in each outage, for a report. */
  onOutage?(outage: OutageReport): void;
}

/** The counts of an outage. */
interface OutageReport {
  readonly fault: string;
  readonly pushes: number;
  /** Pushes that the outage does not concern: to healthy partitions, while it lasted. */
  readonly healthy: number;
  readonly healthyAcknowledged: number;
  readonly lost: number;
  readonly repeated: number;
  readonly outOfOrder: number;
  /** The longest time without any acknowledgement. */
  readonly longestPauseMs: number;
}

/** A push on a busy machine may miss its deadline. */
const leastShare = 0.99;

/** Reports the outage, and throws unless `healthy` pushes were acknowledged and none was lost, repeated or reordered. */
export async function assertSurvived(
  { harness, onOutage }: PartialOutageSuite,
  {
    fault,
    topic,
    pushes,
    healthy,
  }: {
    readonly fault: string;
    readonly topic: string;
    readonly pushes: readonly SteadyPush[];
    readonly healthy: readonly SteadyPush[];
  },
): Promise<void> {
  const { missing, repeated, outOfOrder } = auditPushes(pushes, (await harness.readTopic(topic)).map(pushOf));
  const healthyAcknowledged = healthy.filter(({ acknowledged }) => acknowledged).length;
  const report = { fault, pushes: pushes.length, healthy: healthy.length, healthyAcknowledged };
  onOutage?.({ ...report, lost: missing, repeated, outOfOrder, longestPauseMs: longestPauseMs(pushes) });
  assert.ok(healthy.length > 0, 'there were pushes that the outage does not concern');
  assert.ok(
    healthyAcknowledged >= leastShare * healthy.length,
    `of ${healthy.length} pushes that the outage does not concern, ${healthyAcknowledged} were acknowledged; answers: ${answersOf(healthy)}`,
  );
  assert.equal(
    pushes.filter(({ answer }) => answer === 'unanswered').length,
    0,
    'every push is answered by its deadline',
  );
  assert.deepEqual({ missing, repeated, outOfOrder }, { missing: 0, repeated: 0, outOfOrder: 0 });
}

function answersOf(pushes: readonly SteadyPush[]): string {
  const counts: Record<string, number> = {};
  for (const { answer } of pushes) counts[answer] = (counts[answer] ?? 0) + 1;
  return JSON.stringify(counts);
}

function longestPauseMs(pushes: readonly SteadyPush[]): number {
  const times = pushes.filter(({ acknowledged }) => acknowledged).map(({ answeredAtMs }) => answeredAtMs);
  times.sort((a, b) => a - b);
  return Math.round(Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] as number))));
}
