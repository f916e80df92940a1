import type { Logger, SubscribeOptions, SubscriberBackend, Subscription } from '@preservarium/backend';
import { assertCounts, ClosedError } from '@preservarium/core';
import type { GroupMember, GroupMemberCallbacks } from './group-member.js';
import { rejectInstanceId } from './reject-instance-id.js';
import { openSubscription } from './subscription.js';

export interface SubscriberOptions {
  /** Name of the backend, for messages. */
  readonly name: string;
  readonly logger: Logger;
  /** Default: the client has no static members. */
  readonly hasStaticMembers?: boolean;
  /** Rejects if the topics cannot be subscribed to; called once, before the first member starts. */
  checkTopics?(topics: readonly string[]): Promise<void>;
  /** Starts a member of the group. */
  join(subscribe: SubscribeOptions, callbacks: GroupMemberCallbacks): GroupMember;
}

/** Returns the part of a backend that subscribes: every subscription is supervised, and closed with the backend. */
export function createSubscriber(options: SubscriberOptions): Pick<SubscriberBackend, 'subscribe' | 'close'> {
  const { name, logger, hasStaticMembers = false, checkTopics, join } = options;
  const subscriptions = new Set<Subscription>();
  let closed = false;

  async function subscribe(subscribeOptions: SubscribeOptions): Promise<Subscription> {
    rejectIfClosed();
    const { fetchMaxWaitMs, maxFetchBytes } = subscribeOptions;
    assertCounts({ fetchMaxWaitMs, maxFetchBytes });
    if (!hasStaticMembers) rejectInstanceId(name, subscribeOptions);
    try {
      await checkTopics?.(subscribeOptions.topics);
    } finally {
      // Closing is the cause of what fails while the backend closes.
      rejectIfClosed();
    }
    const { joined, ...subscription } = openSubscription({
      subscribe: subscribeOptions,
      logger,
      join: (callbacks) => join(subscribeOptions, callbacks),
    });
    subscriptions.add(subscription);
    const forget = () => subscriptions.delete(subscription);
    subscription.closed.then(forget, forget);
    await joined;
    return subscription;
  }

  function rejectIfClosed(): void {
    if (closed) throw new ClosedError(`the ${name} backend`);
  }

  async function close(closeOptions: { readonly timeoutMs: number }): Promise<void> {
    closed = true;
    await Promise.all([...subscriptions].map((subscription) => subscription.close(closeOptions)));
  }

  return { subscribe, close };
}
