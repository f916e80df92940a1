import type { LifecycleEvent } from '@preservarium/core';

/**
 * Returns the rank of an event among those of its command: the epoch of the claim under which an owner of the partition wrote it. Infinity for what no claim
 * decides: an answer of the device, and an event that carries no claim.
 */
export function claimRank(event: LifecycleEvent): number {
  return isOfDevice(event) ? Number.POSITIVE_INFINITY : (event.claimEpoch ?? Number.POSITIVE_INFINITY);
}

/** Returns the events without those of owners before the newest one that spoke. */
export function ofNewestClaim(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const newest = events.reduce((epoch, { claimEpoch = 0 }) => Math.max(epoch, claimEpoch), 0);
  return events.filter((event) => claimRank(event) >= newest);
}

/** Returns whether the device itself is the evidence. */
export function isOfDevice({ evidence }: Pick<LifecycleEvent, 'evidence'>): boolean {
  return evidence === 'device' || evidence === 'executed';
}
