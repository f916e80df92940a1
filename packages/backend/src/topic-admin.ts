/** Makes and lists topics, and says how far a group has come on one. */
export interface TopicAdmin {
  /**
   * Resolves once the topic can be published to. Rejects with `TOPIC_EXISTS`, `CONFIGURATION_INVALID` (for example more
   * replicas than brokers), `AUTHORIZATION_FAILED` or `BACKEND_UNAVAILABLE`.
   */
  createTopic(topic: NewTopic): Promise<void>;

  /**
   * Resolves once the topic has at least so many partitions. Records stay where they are, but a key may belong to another partition from
   * then on. Rejects with `TOPIC_UNKNOWN`, `CONFIGURATION_INVALID`, `AUTHORIZATION_FAILED` or `BACKEND_UNAVAILABLE`.
   */
  addPartitions(of: { readonly topic: string; readonly partitions: number }): Promise<void>;

  /** All topics but Kafka's internal ones, sorted by name. */
  listTopics(): Promise<readonly TopicDescription[]>;

  /**
   * Returns the committed, first and next offset of each partition of the topic, sorted by partition. May be
   * called at any time, also in `onAssigned`. Rejects with `TOPIC_UNKNOWN`, also where the credentials may not see the topic, with
   * `AUTHORIZATION_FAILED`, `BACKEND_UNAVAILABLE` or `CLOSED`.
   */
  offsets(of: { readonly topic: string; readonly groupId: string }): Promise<readonly PartitionOffsets[]>;
}

/** Reads the settings of topics, which not every client can. */
export interface TopicConfigs {
  /**
   * Returns Kafka's settings of the topic by name, those that are defaults of the broker as well, for example `retention.ms`. Rejects with `TOPIC_UNKNOWN`,
   * `AUTHORIZATION_FAILED`, `BACKEND_UNAVAILABLE` or `CLOSED`.
   */
  topicConfig(topic: string): Promise<Readonly<Record<string, string>>>;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** The offset at which the group continues; `undefined` if it has committed nothing. */
  readonly committedOffset: number | undefined;
  /** The offset of the oldest record that is still there; `endOffset` where there is none. */
  readonly startOffset: number;
  /** The offset of the next record to be written, or of the first one of an open transaction: members are handed nothing from there on. */
  readonly endOffset: number;
}

export interface NewTopic {
  readonly topic: string;
  /** Default: the broker's `num.partitions`. */
  readonly partitions?: number;
  /** Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number;
  /** Kafka's topic settings, for example `{ 'cleanup.policy': 'compact' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

export interface TopicDescription {
  readonly topic: string;
  readonly partitions: number;
}
