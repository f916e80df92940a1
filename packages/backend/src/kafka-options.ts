import type { Logger } from './logger.js';
import type { TlsSource } from './tls-options.js';

/** The brokers and how to connect to them; the same for every backend. */
export interface KafkaOptions {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  /** Name of this client in the brokers' logs and quotas. Default `preservarium-pusher`. */
  readonly clientId?: string;
  /** TLS with the system's certificate authorities (`true`), or with the PEM texts given. Default: no TLS. */
  readonly tls?: boolean | TlsSource;
  /** Default: no authentication. */
  readonly sasl?: SaslOptions;
  /** Default `none`. A codec that the client lacks is a `CONFIGURATION_INVALID` error at creation. */
  readonly compression?: Compression;
  /**
   * Which partition a key goes to: `murmur2` as Java, kafkajs and kafka-python do (default), `crc32` as librdkafka does by
   * itself. All that write to a topic must agree, else a device's commands lose their order.
   */
  readonly partitioner?: Partitioner;
  /** Memory of calls of `publish` that are queued or in flight, in bytes, beyond which `publish` waits. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /**
   * Memory of calls that may wait, in bytes; beyond, `publish` gives `QUEUE_FULL` at once. With 0 nothing waits. A single call
   * that is larger waits alone. Default 256 MiB.
   */
  readonly maxWaitingBytes?: number;
  /** The client tries to deliver a batch for this long, in milliseconds, from 1 to 2,147,483,647. Default 30,000. */
  readonly deliveryTimeoutMs?: number;
  /** Receives what the client would print. Default: nothing is logged. */
  readonly logger?: Logger;
}

export type SaslOptions =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      /** A function is called for each connection: the password may be changed. */
      readonly password: string | (() => string);
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<OauthBearerToken> };

export interface OauthBearerToken {
  readonly value: string;
  /** When a new one must be asked for, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** The principal it stands for. */
  readonly principal: string;
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
export type Partitioner = 'murmur2' | 'crc32';
