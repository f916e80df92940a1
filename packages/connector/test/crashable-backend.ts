import type { Backend, Subscription } from '@preservarium/backend';
import { createMemoryBackend, type MemoryBroker } from '@preservarium/backend-memory';

const never = new Promise<never>(() => {});

export interface CrashableBackend {
  readonly backend: Backend;
  /** From now on it writes, settles and commits nothing, and its group does not know. */
  die(): void;
  /** It is dead, and its partitions go to others. */
  crash(): Promise<void>;
  /** It stops for longer than its session: its partitions go to others, and it does not know. */
  freeze(): Promise<void>;
  /** It goes on where it was, and writes what it was about to write. */
  thaw(): void;
}

/** A backend whose process can die, or be frozen. */
export function createCrashableBackend(broker: MemoryBroker): CrashableBackend {
  const inner = createMemoryBackend({ broker });
  const subscriptions: Subscription[] = [];
  let crashed = false;
  let frozen: PromiseWithResolvers<void> | undefined;
  const backend: Backend = {
    ...inner,
    async publish(records, options) {
      await frozen?.promise;
      return crashed ? never : inner.publish(records, options);
    },
    async subscribe(options) {
      const subscription = await inner.subscribe({
        ...options,
        onRecords: (records) => (crashed || frozen ? never : options.onRecords(records)),
        onRevoked: async (partitions) => (crashed || frozen ? undefined : options.onRevoked?.(partitions)),
      });
      subscriptions.push(subscription);
      return {
        ...subscription,
        markProcessed: (position) => (crashed || frozen ? undefined : subscription.markProcessed(position)),
      };
    },
    close: async (options) => (crashed ? undefined : inner.close(options)),
  };
  function die(): void {
    crashed = true;
  }

  async function leave(): Promise<void> {
    await Promise.all(subscriptions.map((subscription) => subscription.close({ timeoutMs: 0 })));
  }

  return {
    backend,
    die,
    async crash() {
      die();
      await leave();
    },
    async freeze() {
      frozen = Promise.withResolvers();
      await leave();
    },
    thaw() {
      frozen?.resolve();
      frozen = undefined;
    },
  };
}
