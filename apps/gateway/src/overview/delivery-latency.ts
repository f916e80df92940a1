import type { CommandState, Lifecycle } from '@preservarium/core';

export interface DeliveryLatency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Commands that were measured. */
  readonly count: number;
}

const arrivals: readonly CommandState[] = ['delivered', 'succeeded', 'failed', 'rejected'];

/** Returns the time from the push to the first proof that the device side has the command; undefined where no command has both. */
export function deliveryLatency(lifecycles: readonly Lifecycle[]): DeliveryLatency | undefined {
  const sorted = lifecycles.flatMap(latencyOf).toSorted((one, other) => one - other);
  if (sorted.length === 0) return undefined;
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99), count: sorted.length };
}

function latencyOf({ events }: Lifecycle): number[] {
  const pushed = events.findLast(({ state }) => state === 'published')?.timestamp;
  const arrived = events.find(
    ({ state, evidence, timestamp }) =>
      arrivals.includes(state) && evidence !== 'broker' && pushed !== undefined && timestamp >= pushed,
  );
  return pushed === undefined || arrived === undefined
    ? []
    : [arrived.timestamp.getTime() - pushed.getTime()];
}

/** @param sorted ascending, at least one */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}
