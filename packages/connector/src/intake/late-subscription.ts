import type { Subscription } from '@preservarium/backend';

/** The subscription of a connector, for parts that use it before it is there: records may come while the backend still subscribes. */
export interface LateSubscription
  extends Pick<Subscription, 'markProcessed' | 'rejoin' | 'isConnected' | 'blocked' | 'close'> {
  /** The subscription is there. */
  begin(subscription: Subscription): void;
}

export function createLateSubscription(): LateSubscription {
  const begun = Promise.withResolvers<Subscription>();
  let subscription: Subscription | undefined;

  return {
    begin(given) {
      subscription = given;
      begun.resolve(given);
    },
    markProcessed(position) {
      if (subscription !== undefined) subscription.markProcessed(position);
      else void begun.promise.then((running) => running.markProcessed(position));
    },
    rejoin() {
      void begun.promise.then((running) => running.rejoin());
    },
    isConnected: () => subscription?.isConnected() ?? false,
    blocked: () => subscription?.blocked() ?? [],
    async close(options) {
      await subscription?.close(options);
    },
  };
}
