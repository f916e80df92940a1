import type { CommandState, Lifecycle, LifecycleEvent } from '@preservarium/core';
import { merge } from '../src/index.js';

/** An event of command `r1` of device `d1`, unless told otherwise. */
export function event(
  state: CommandState,
  { second = 0, ...rest }: Partial<LifecycleEvent> & { readonly second?: number } = {},
): LifecycleEvent {
  return { requestId: 'r1', deviceId: 'd1', state, timestamp: new Date(second * 1_000), ...rest };
}

/** Returns the lifecycle of these events, merged in this order; at least one. */
export function lifecycleOf(events: readonly LifecycleEvent[]): Lifecycle {
  const merged = events.reduce<Lifecycle | undefined>(merge, undefined);
  if (merged === undefined) throw new RangeError('no events');
  return merged;
}
