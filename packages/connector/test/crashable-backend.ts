import type { Backend, Subscription } from '@preservarium/backend';
import { createMemoryBackend, type MemoryBroker } from '@preservarium/backend-memory';

const never = new Promise<never>(() => {});

/** A backend whose process can die: from then on it writes, settles and commits nothing, and its partitions go to others. */
export function createCrashableBackend(broker: MemoryBroker): { backend: Backend; crash(): Promise<void> } {
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
  return {
    backend,
    async crash() {
      crashed = true;
      await Promise.all(subscriptions.map((subscription) => subscription.close({ timeoutMs: 0 })));
    },
  };
}
