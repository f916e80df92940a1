/** Makes and lists topics. */
export interface TopicAdmin {
  /**
   * Resolves once the topic can be published to. Rejects with `TOPIC_EXISTS`, `CONFIGURATION_INVALID` (for example more
   * replicas than brokers), `AUTHORIZATION_FAILED` or `BACKEND_UNAVAILABLE`.
   */
  createTopic(topic: NewTopic): Promise<void>;

  /** All topics but Kafka's internal ones, sorted by name. */
  listTopics(): Promise<readonly TopicDescription[]>;
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
