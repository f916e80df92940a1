import type { Lifecycle, LifecycleEvent } from '@preservarium/core';
import { isOfDevice, ofNewestClaim } from './claims.js';

/**
 * Returns the events that count: what an owner of the partition decided does not once a later one spoke of the command. An answer of the device (evidence `device` or `executed`) counts once the command was dispatched to that
 * device: until then it may be the claim of a device for which there is no such command.
 */
export function countedEvents(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const wasDispatched = events.some(({ state }) => state === 'dispatched');
  return ofNewestClaim(wasDispatched ? events : events.filter((event) => !isOfDevice(event)));
}

/** Returns whether anything but answers of the device is known of the command; otherwise there may be no such command. */
export function isProven({ events }: Pick<Lifecycle, 'events'>): boolean {
  return countedEvents(events).length > 0;
}
