import type { Lifecycle, LifecycleEvent } from '@preservarium/core';
import { merge } from '@preservarium/tracking';
import type { RefusedEvent } from './command-store.js';

export interface KnownCommands {
  get(requestId: string): Lifecycle | undefined;
  isForgotten(requestId: string): boolean;
}

export interface MergedEvents {
  /** Only those that are not as they were. */
  readonly changed: ReadonlyMap<string, Lifecycle>;
  readonly refused: readonly RefusedEvent[];
}

/** The result of a merge: the changed commands, and the refused events. */
export function mergeEvents(events: readonly LifecycleEvent[], known: KnownCommands): MergedEvents {
  const changed = new Map<string, Lifecycle>();
  const refused: RefusedEvent[] = [];
  for (const event of events) {
    const { requestId, deviceId } = event;
    const before = changed.get(requestId) ?? known.get(requestId);
    if (before === undefined && known.isForgotten(requestId)) {
      refused.push({ event, reason: 'forgotten' });
    } else if (before !== undefined && before.deviceId !== deviceId) {
      refused.push({ event, reason: 'other-device' });
    } else {
      const after = merge(before, event);
      if (after !== before) changed.set(requestId, after);
    }
  }
  return { changed, refused };
}
