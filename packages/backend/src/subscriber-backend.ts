/** A record as it came from Kafka; its content may be anything. */
export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When it was written, in milliseconds since 1970. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface SubscribeOptions {
  /** Of those that have the same number of partitions, a member is given the same partitions of each. */
  readonly topics: readonly string[];
  readonly groupId: string;
  /** Where the group starts on a partition for which it has committed nothing. */
  readonly from: 'beginning' | 'end';
  /**
   * Called with records of one partition, in the order of their offsets. The next records of that partition come only
   * after the returned promise has resolved; partitions do not wait for one another. A rejection ends the subscription.
   */
  onRecords(records: readonly ConsumedRecord[]): Promise<void>;
  /** Called after the group gave these partitions to this member; records follow from the committed offset. */
  onAssigned?(partitions: readonly TopicPartition[]): void;
  /**
   * Called before the group takes these partitions away. The backend waits for the promise, for 20 s at least,
   * then commits what was settled; what is settled later is ignored.
   */
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
}

/** A member of a consumer group. */
export interface Subscription {
  /**
   * Says that every record of the partition below `nextOffset` is done with and may be committed. Committed within a
   * second, before a revoke, and at close; nothing is committed that was not settled.
   */
  settle(position: TopicPartition & { readonly nextOffset: number }): void;
  /** Commits what has been settled, now. */
  commit(): Promise<void>;
  /**
   * Whether Kafka is there. Becomes false at the latest 20 s after it has answered for the last time, at once when a client that
   * broke is to be replaced, and when the subscription ends; true again with its next answer.
   */
  isConnected(): boolean;
  /** Resolves after `close`; rejects with `SUBSCRIPTION_FAILED`, or with what `onRecords` rejected with. */
  readonly closed: Promise<void>;
  /** Stops handing over records, waits for `onRecords` up to the deadline, commits what is settled, leaves the group. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** A Kafka client that can subscribe. Everything a backend must do is said here, and the conformance suite checks it. */
export interface SubscriberBackend {
  readonly name: string;

  /**
   * Resolves once the member has joined its group. A client that crashes or falls silent is replaced by a new one, up to
   * a budget of restarts. Rejects with `BACKEND_UNAVAILABLE`, `AUTHENTICATION_FAILED`, `TOPIC_UNKNOWN` or `CLOSED`.
   */
  subscribe(options: SubscribeOptions): Promise<Subscription>;

  /** Closes every subscription. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}
