import type { Lifecycle } from '@preservarium/core';
import QuickLRU from 'quick-lru';

export interface LifecycleMemoryLimits {
  readonly maxFinished: number;
  readonly maxUnfinished: number;
}

/** The lifecycles of recently used commands. Commands in a final state do not displace those that are in progress. */
export interface LifecycleMemory {
  get(requestId: string): Lifecycle | undefined;
  set(lifecycle: Lifecycle): void;
}

export function createLifecycleMemory(limits: LifecycleMemoryLimits): LifecycleMemory {
  const finished = new QuickLRU<string, Lifecycle>({ maxSize: limits.maxFinished });
  const unfinished = new QuickLRU<string, Lifecycle>({ maxSize: limits.maxUnfinished });
  return {
    get: (requestId) => finished.get(requestId) ?? unfinished.get(requestId),
    set(lifecycle) {
      const { requestId, isFinal } = lifecycle;
      (isFinal ? unfinished : finished).delete(requestId);
      (isFinal ? finished : unfinished).set(requestId, lifecycle);
    },
  };
}
