import type { Lifecycle } from '@preservarium/core';
import { type CommandId, commandKey } from './command-id.js';
import { lifecycleBytes } from './content-bytes.js';
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

/** The number of commands bounds the rest of their memory. */
const maxContentBytes = 64 * 1024 * 1024;

export function createLifecycleMemory(limits: LifecycleMemoryLimits): LifecycleMemory {
  const finished = createRecentlyUsed(limits.maxFinished);
  const unfinished = createRecentlyUsed(limits.maxUnfinished);

  function forgetBeyondBytes(): void {
    while (finished.bytes() + unfinished.bytes() > maxContentBytes) {
      if (finished.size() + unfinished.size() === 1) return;
      (finished.size() > 0 ? finished : unfinished).forgetOldest();
    }
  }

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
      forgetBeyondBytes();
    },
  };
}

/** The one that was used longest ago is first. */
function createRecentlyUsed(maxSize: number) {
  const kept = new Map<string, { readonly lifecycle: Lifecycle; readonly bytes: number }>();
  let bytes = 0;

  function remove(key: string): void {
    bytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  }

  function forgetOldest(): void {
    const [oldest] = kept.keys();
    if (oldest !== undefined) remove(oldest);
  }

  return {
    get(key: string): Lifecycle | undefined {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      kept.delete(key);
      kept.set(key, found);
      return found.lifecycle;
    },
    set(key: string, lifecycle: Lifecycle): void {
      remove(key);
      const added = lifecycleBytes(lifecycle);
      kept.set(key, { lifecycle, bytes: added });
      bytes += added;
      if (kept.size > maxSize) forgetOldest();
    },
    delete: remove,
    forgetOldest,
    size: () => kept.size,
    bytes: () => bytes,
  };
}
