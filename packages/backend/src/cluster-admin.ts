/** Describes the cluster, which not every client can. */
export interface ClusterAdmin {
  /**
   * Returns what Kafka says of its brokers, of the replicas of these topics, and of who may write them. Creates no topic. Rejects with
   * `AUTHORIZATION_FAILED`, `BACKEND_UNAVAILABLE` or `CLOSED`.
   */
  describeCluster(topics: readonly string[]): Promise<ClusterDescription>;
}

export interface ClusterDescription {
  /** With the addresses that they give to clients. */
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  /** Those that exist, in the order of the request. */
  readonly topics: readonly TopicReplicas[];
  /** Settings of one of the brokers by name; undefined where this client may not read them. */
  readonly brokerConfig: Readonly<Record<string, string>> | undefined;
  /** The users that may write these topics; undefined where this client may not read it. */
  readonly writers: Writers | undefined;
}

export interface TopicReplicas {
  readonly topic: string;
  readonly partitions: readonly PartitionReplicas[];
}

export interface PartitionReplicas {
  readonly partition: number;
  /** How many brokers have the partition. */
  readonly replicas: number;
  /** How many of them have all of its records. */
  readonly inSync: number;
  readonly hasLeader: boolean;
}

/** `everybody`: the brokers check no permissions. */
export type Writers = 'everybody' | readonly Writer[];

/** A rule of Kafka's access control lists that lets a user write a topic. */
export interface Writer {
  /** For example `User:gateway`; `User:*` is every user. */
  readonly principal: string;
  readonly topic: string;
}
