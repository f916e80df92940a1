import type { RecordHeaders } from './record-headers.js';

/** A record as it came from Kafka; its content may be anything. */
export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When it was written, in milliseconds since 1970. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** `noHeaders` where there are none. */
  readonly headers: RecordHeaders;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The offset of the first record of a partition that is not processed. */
export interface ProcessedPosition extends TopicPartition {
  readonly nextOffset: number;
}

/**
 * Where a group starts: at the oldest record, at the end, or at the first record that was written at most `lastMs` milliseconds ago (as
 * Kafka's `auto.offset.reset=by_duration:`, KIP-1106).
 */
export type StartFrom = 'beginning' | 'end' | { readonly lastMs: number };

/** A partition that the group assigned to this member, and where it starts. */
export interface AssignedPartition extends TopicPartition {
  /** Where the group goes on: the offset of its next record, or a lower one. The group has committed it. */
  readonly nextOffset: number;
  /** Where the records start that are handed over: `nextOffset`, or a later offset that `resumeFrom` gave. */
  readonly readFrom: number;
  /** True if the group had committed nothing of the partition before. */
  readonly isFirstStart: boolean;
  /**
   * True if the topic was deleted and created again since this subscription read it: it starts at the beginning, and nothing that was known by
   * offsets holds any more.
   */
  readonly isNewTopic: boolean;
  /** How many records before `nextOffset` the group skips, as `from` says, because it is new on the topic; 0 at any later start. */
  readonly skippedRecords: number;
  /** How many records the topic lost between the committed offset and `nextOffset`, for example to its retention. */
  readonly lostRecords: number;
}

export interface SubscribeOptions {
  /** Of topics with the same number of partitions, a member is assigned the same partitions. */
  readonly topics: readonly string[];
  readonly groupId: string;
  /**
   * Makes the member a static one (KIP-345): a name that no other member of the group has. It keeps its partitions while it is away for less than the session
   * of its client, so a restart makes no rebalance. A member that another one replaced, with the same id, ends with `CONFIGURATION_INVALID`.
   * Default: none. Rejects with `CONFIGURATION_INVALID` where the client has no static members.
   */
  readonly instanceId?: string;
  /**
   * Where a group starts that has never committed anything on a topic. The start is committed before the first record is handed over, so
   * it is decided once. Partitions that are added to the topic later start at their beginning. A committed offset that the topic does
   * not have (any more) becomes that of the oldest record, and an error with the number of lost records is logged. A topic that is deleted and created again
   * while the subscription runs is read from its beginning; records that were read of it before that is noticed come again.
   */
  readonly from: StartFrom;
  /** Overrides `from` for these topics. */
  readonly fromByTopic?: Readonly<Record<string, StartFrom>>;
  /**
   * Called with each partition at its assignment, before `onAssigned`, maybe more than once. Where the application keeps what it has read, it returns the
   * offset from which it needs records. An offset that is not between `nextOffset` and the last record has no effect. The committed offset stays where it is; offsets before those
   * that are handed over can be marked as processed as well.
   */
  resumeFrom?(partition: Omit<AssignedPartition, 'readFrom'>): number | undefined;
  /**
   * How long the brokers may hold back records of which there are few, in whole milliseconds, so that more come together: each request costs both
   * sides. Default: they come at once.
   */
  readonly fetchMaxWaitMs?: number;
  /**
   * Bytes of records, whole ones, that the client fetches at a time or ahead, for a reader that is to need little memory. A larger record comes nevertheless. Default: as many as make
   * the client fast, 10 to 16 MiB.
   */
  readonly maxFetchBytes?: number;
  /**
   * Called with records of one partition, in the order of their offsets. The next records of that partition come only
   * after the returned promise has resolved; partitions do not wait for one another. A rejection ends the subscription.
   */
  onRecords(records: readonly ConsumedRecord[]): Promise<void>;
  /**
   * Called when a partition was read to its end: all records below `nextOffset` were handed over and their calls of `onRecords` have
   * resolved. Offsets without a record, such as those of aborted transactions and of the markers of transactions, are below it as well, and are committed with the
   * last record before them. Comes again after later records; not for a partition at whose end the member started. The next
   * records of the partition wait for the promise. A rejection ends the subscription.
   */
  onCaughtUp?(position: ProcessedPosition): Promise<void> | void;
  /**
   * Called after the group assigned these partitions to this member; records follow from `readFrom`. An
   * error that it throws ends the subscription with `SUBSCRIPTION_FAILED`.
   */
  onAssigned?(partitions: readonly AssignedPartition[]): void;
  /**
   * Called before the group revokes these partitions, and before a client that broke is replaced; not at `close`. The backend
   * waits for the promise, for 25 s at most, commits what is marked as processed, and ignores what is marked later. A
   * rejection ends the subscription with `SUBSCRIPTION_FAILED`.
   */
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
}

/** A partition that cannot be read on, because the client lacks the codec of its next records. */
export interface BlockedPartition extends TopicPartition {
  /** Of the first record that cannot be read. */
  readonly offset: number;
  /** The codec of the records, for example `zstd`. */
  readonly codec: string;
}

/** A member of a consumer group. */
export interface Subscription {
  /**
   * Marks all records of the partition below `nextOffset` as processed; they become eligible for commit. They are committed
   * within a second, before a revocation, and at close. Positions that were not handed over are ignored.
   */
  markProcessed(position: ProcessedPosition): void;
  /**
   * Commits now what is marked as processed. Rejects with `BACKEND_UNAVAILABLE` if the brokers do not take it within 5 s; it is
   * committed with the next commit then.
   */
  commit(): Promise<void>;
  /**
   * Gives all partitions back, with `onRevoked`, and joins the group again: what the group has committed and what `resumeFrom` says decide anew where
   * records start.
   */
  rejoin(): void;
  /**
   * Returns whether Kafka answers. Becomes false at the latest 20 s after its last answer, at once when a client that
   * broke is to be replaced, and when the subscription ends; true again with its next answer.
   */
  isConnected(): boolean;
  /**
   * Returns the partitions of this member that it cannot read on: no record of theirs comes until the records are gone, or another client is used. An error
   * in the log names each of them, within 30 s. The other partitions go on.
   */
  blocked(): readonly BlockedPartition[];
  /**
   * Resolves after `close`. Rejects with the error that `onRecords` rejected with, or with `SUBSCRIPTION_FAILED` when another
   * callback failed or the client broke for good: at once if a new client cannot help (for example refused credentials), else
   * when it broke again after 5 replacements within 5 minutes, made after pauses of 0.5, 1, 2, 4 and 8 s.
   */
  readonly closed: Promise<void>;
  /**
   * Hands over no more records, waits for `onRecords`, commits what is marked as processed, and leaves the group. The last 2 s
   * (half of the time, where it is less than 4 s) are kept for the commit and for leaving.
   */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** A Kafka client that can subscribe. Everything a backend must do is said here, and the conformance suite checks it. */
export interface SubscriberBackend {
  readonly name: string;

  /**
   * Resolves once the member has joined its group. A client that breaks or falls silent is replaced by a new one, up to
   * a budget of restarts. Rejects with `BACKEND_UNAVAILABLE`, `AUTHENTICATION_FAILED`, `AUTHORIZATION_FAILED`, `TOPIC_UNKNOWN`
   * or `CLOSED`: at the latest 60 s after the call, 10 s where no broker answers.
   */
  subscribe(options: SubscribeOptions): Promise<Subscription>;

  /** Closes every subscription. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}
