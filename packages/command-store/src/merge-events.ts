import type { Lifecycle, LifecycleEvent } from '@preservarium/core';
import { type CommandId, commandKey, merge } from '@preservarium/tracking';
import type { RefusedEvent } from './command-store.js';

export interface KnownCommands {
  get(command: CommandId): Lifecycle | undefined;
  isForgotten(command: CommandId): boolean;
}

interface MergedEvents {
  /** Only those that are not as they were, by `commandKey`. */
  readonly changed: ReadonlyMap<string, Lifecycle>;
  readonly refused: readonly RefusedEvent[];
}

/** Merges one event after another into their commands. */
export interface EventMerge {
  add(event: LifecycleEvent): void;
  /** The changed commands, and the refused events. */
  readonly merged: MergedEvents;
}

export function createEventMerge(known: KnownCommands): EventMerge {
  const changed = new Map<string, Lifecycle>();
  const refused: RefusedEvent[] = [];
  return {
    add(event) {
      const key = commandKey(event);
      const before = changed.get(key) ?? known.get(event);
      if (before === undefined && known.isForgotten(event)) {
        refused.push({ event, reason: 'forgotten' });
      } else {
        const after = merge(before, event);
        if (after !== before) changed.set(key, after);
      }
    },
    merged: { changed, refused },
  };
}
