import type { Lifecycle } from '@preservarium/core';
import QuickLRU from 'quick-lru';
import { type CommandId, commandKey } from './command-id.js';
import { isProven } from './proof.js';

export interface LifecycleMemoryLimits {
  readonly maxFinished: number;
  readonly maxUnfinished: number;
}

/** The lifecycles of recently used commands. Those in a final state, and mere claims of devices, displace none in progress. */
export interface LifecycleMemory {
  get(command: CommandId): Lifecycle | undefined;
  set(lifecycle: Lifecycle): void;
}

export function createLifecycleMemory(limits: LifecycleMemoryLimits): LifecycleMemory {
  const finished = new QuickLRU<string, Lifecycle>({ maxSize: limits.maxFinished });
  const unfinished = new QuickLRU<string, Lifecycle>({ maxSize: limits.maxUnfinished });
  return {
    get(command) {
      const key = commandKey(command);
      return finished.get(key) ?? unfinished.get(key);
    },
    set(lifecycle) {
      const key = commandKey(lifecycle);
      const isFinished = lifecycle.isFinal || !isProven(lifecycle);
      (isFinished ? unfinished : finished).delete(key);
      (isFinished ? finished : unfinished).set(key, lifecycle);
    },
  };
}
