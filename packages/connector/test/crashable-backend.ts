import type { Backend, Subscription } from '@preservarium/backend';
import { createMemoryBackend, type MemoryBroker } from '@preservarium/backend-memory';

const never = new Promise<never>(() => {});

export interface CrashableBackend {
  readonly backend: Backend;
  /** From now on it writes, settles and commits nothing, and its group does not know. */
  die(): void;
  /** It is dead, and its partitions go to others. */
  crash(): Promise<void>;
}

/** A backend whose process can die. */
export function createCrashableBackend(broker: MemoryBroker): CrashableBackend {
  const inner = createMemoryBackend({ broker });
  const subscriptions: Subscription[] = [];
  let crashed = false;
  const backend: Backend = {
    ...inner,
    publish: (records, options) => (crashed ? never : inner.publish(records, options)),
    async subscribe(options) {
      const subscription = await inner.subscribe({
        ...options,
        onRecords: (records) => (crashed ? never : options.onRecords(records)),
        onRevoked: async (partitions) => (crashed ? undefined : options.onRevoked?.(partitions)),
      });
      subscriptions.push(subscription);
      return {
        ...subscription,
        markProcessed: (position) => (crashed ? undefined : subscription.markProcessed(position)),
      };
    },
    close: async (options) => (crashed ? undefined : inner.close(options)),
  };
  function die(): void {
    crashed = true;
  }

  return {
    backend,
    die,
    async crash() {
      die();
      await Promise.all(subscriptions.map((subscription) => subscription.close({ timeoutMs: 0 })));
    },
  };
}
