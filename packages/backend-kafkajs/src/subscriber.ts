import type { KafkaOptions, SubscribeOptions, SubscriberBackend, Subscription } from '@preservarium/backend';
import { ClosedError } from '@preservarium/core';
import { openSubscription } from './subscription.js';
import type { TopicReader } from './topic-admin.js';

const metadataTimeoutMs = 10_000;

export type Subscriber = Pick<SubscriberBackend, 'subscribe' | 'close'>;

export function createSubscriber(settings: KafkaOptions, { partitionsOf }: TopicReader): Subscriber {
  const subscriptions = new Set<Subscription>();
  let closed = false;

  async function subscribe(options: SubscribeOptions): Promise<Subscription> {
    rejectIfClosed();
    try {
      await Promise.all(options.topics.map((topic) => partitionsOf(topic, metadataTimeoutMs)));
    } finally {
      // What fails while the backend is closed fails because of that.
      rejectIfClosed();
    }
    const subscription = openSubscription(settings, options);
    subscriptions.add(subscription);
    const forget = () => subscriptions.delete(subscription);
    subscription.closed.then(forget, forget);
    await subscription.joined;
    return subscription;
  }

  function rejectIfClosed(): void {
    if (closed) throw new ClosedError('the kafkajs backend');
  }

  async function close(options: { readonly timeoutMs: number }): Promise<void> {
    closed = true;
    await Promise.all([...subscriptions].map((subscription) => subscription.close(options)));
  }

  return { subscribe, close };
}
