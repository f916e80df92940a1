/** A message of the process of the feed to the gateway. */
export type FeedMessage =
  /** It reads the topics. */
  | { readonly kind: 'open' }
  /** Once a second while Kafka answers it. */
  | { readonly kind: 'connected' }
  /** It cannot go on. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
    };

export const heartbeatMs = 1_000;
