import type { Lifecycle, LifecycleEvent } from '@preservarium/core';

/**
 * Returns the events that count. An answer of the device (evidence `device` or `executed`) counts once the command was dispatched to that
 * device: until then it may be the claim of a device for which there is no such command.
 */
export function countedEvents(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
  const wasDispatched = events.some(({ state }) => state === 'dispatched');
  return wasDispatched ? events : events.filter((event) => !isOfDevice(event));
}

/** Returns whether anything but answers of the device is known of the command; otherwise there may be no such command. */
export function isProven({ events }: Pick<Lifecycle, 'events'>): boolean {
  return countedEvents(events).length > 0;
}

function isOfDevice({ evidence }: LifecycleEvent): boolean {
  return evidence === 'device' || evidence === 'executed';
}
