import type { KafkaOptions } from '@preservarium/backend';
import type { KafkaCredentials } from './credentials.js';

/** Kind of a cluster: an existing one, Apache Kafka on Java or in Docker, or librdkafka's mock cluster. */
export type KafkaKind = 'existing' | 'java' | 'docker' | 'mock';

export interface StartKafkaOptions {
  /** Default 1. */
  readonly brokers?: 1 | 3;
  /**
   * `sasl-ssl`: TLS with a certificate authority made for the cluster, SASL PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and
   * OAUTHBEARER, and everything forbidden that is not allowed by an access control list. Default `plaintext`.
   */
  readonly security?: 'plaintext' | 'sasl-ssl';
  /** OAUTHBEARER of a `sasl-ssl` cluster takes the tokens of Amazon MSK with IAM for this access key, which is the user. Default: unsecured tokens of the users. */
  readonly mskIam?: { readonly accessKey: string; readonly secretKey: string };
  /** When the certificate of a `sasl-ssl` cluster expires. Default: in a year. */
  readonly certificateUntil?: Date;
  /** True: the use of an unknown topic creates it. Default `false`. */
  readonly autoCreateTopics?: boolean;
  /** A cluster of its own, for tests that break it: `KAFKA_BOOTSTRAP_SERVERS` is ignored. Default `false`. */
  readonly isolated?: boolean;
  /** True: Kafka on Java starts with half the CPU time, and takes fewer records a second. Default `false`. */
  readonly quickStart?: boolean;
  /** The first port to try for clients, upwards. Default: free ones, anywhere. */
  readonly port?: number;
}

/** A Kafka for development and tests. It ends with this process, however this process ends. */
export interface KafkaCluster extends AsyncDisposable {
  readonly kind: KafkaKind;
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** How clients reach it, as a user with all permissions. */
  readonly settings: KafkaOptions;
  /** The users; only if `security` is `sasl-ssl`. */
  readonly credentials?: KafkaCredentials;
  /**
   * Freezes every broker, or the one with this index (SIGSTOP): connections stay open, nothing answers. It and the next three reject or throw
   * `CONFIGURATION_INVALID` where the kind of cluster cannot do it.
   */
  freeze(broker?: number): void;
  /** Continues frozen brokers (SIGCONT). */
  thaw(broker?: number): void;
  /** Ends every broker, or the one with this index, at once (SIGKILL), and resolves when they are gone. Their data stays. */
  kill(broker?: number): Promise<void>;
  /** Starts brokers again after `kill`, on the same ports and data, and resolves when all brokers are ready. */
  start(broker?: number): Promise<void>;
  /** Ends the cluster and deletes its data. Later calls do nothing. An existing cluster is left alone. */
  stop(): Promise<void>;
}
