import type { SubscribeOptions, SubscriberBackend, Subscription } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { ClosedError } from '@preservarium/core';
import type { ClientModule, RdkafkaOptions } from './client-options.js';
import { openSubscription } from './subscription.js';

/** Opens subscriptions and closes them all at the end. */
export function createSubscriber(
  client: ClientModule,
  settings: RdkafkaOptions,
): Pick<SubscriberBackend, 'subscribe' | 'close'> {
  const subscriptions = new Set<Subscription>();
  const opening = new Set<Promise<Subscription>>();
  let closed = false;

  async function subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (closed) throw new ClosedError('the rdkafka backend');
    const opened = openSubscription({
      client,
      settings,
      subscribe: options,
      onEnded: (subscription) => subscriptions.delete(subscription),
    });
    opening.add(opened);
    try {
      const subscription = await opened;
      subscriptions.add(subscription);
      if (!closed) return subscription;
      await subscription.close({ timeoutMs: 0 });
    } finally {
      opening.delete(opened);
    }
    throw new ClosedError('the rdkafka backend');
  }

  async function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closed = true;
    const startedAtMs = performance.now();
    await settledWithin(Promise.allSettled(opening), timeoutMs);
    const leftMs = Math.max(0, timeoutMs - (performance.now() - startedAtMs));
    await Promise.all([...subscriptions].map((subscription) => subscription.close({ timeoutMs: leftMs })));
  }

  return { subscribe, close };
}
