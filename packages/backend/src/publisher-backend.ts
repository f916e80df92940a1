import type { PusherError } from '@preservarium/core';
import type { RecordHeaders } from './record-headers.js';

/** A record to publish. */
export interface PublishRecord {
  readonly topic: string;
  /** The device id. It says the partition, always the same one of a topic, unless `partition` does. */
  readonly key: string | Buffer;
  /** Where it goes, whatever its key. One that the topic does not have fails with `TOPIC_UNKNOWN`. */
  readonly partition?: number;
  readonly value: Buffer;
  /**
   * Default: none. A record with headers that the client would change fails with `VALIDATION_FAILED`: see `supports.headers`. All
   * backends send names and values that are UTF-8 text without NUL characters.
   */
  readonly headers?: RecordHeaders;
}

/** The brokers have the record: all in-sync replicas acknowledged it. */
export interface PublishReceipt {
  readonly topic: string;
  /** Where it was written; only from backends that say `supports.offsets`. */
  readonly partition?: number;
  readonly offset?: number;
}

export type PublishOutcome =
  | { readonly ok: true; readonly receipt: PublishReceipt }
  | { readonly ok: false; readonly error: PusherError };

/** Capabilities in which clients differ. */
export interface PublisherSupport {
  /** Receipts carry partition and offset. */
  readonly offsets: boolean;
  /**
   * `text`: names and values of headers must be UTF-8 without NUL characters, and a null value is read as an empty one. `bytes`: values
   * may be any bytes. `all`: any bytes, and null.
   */
  readonly headers: 'text' | 'bytes' | 'all';
  /** The codecs that this build of the client has, by Kafka's names: it compresses with them, and reads what they compressed. */
  readonly codecs: readonly string[];
}

/** A Kafka client that can publish. Everything a backend must do is said here, and the conformance suite checks it. */
export interface PublisherBackend {
  /** Its name in messages and options, for example `kafkajs`. */
  readonly name: string;
  readonly supports: PublisherSupport;

  /**
   * Resolves once a broker has answered and accepted the credentials; `publish` does the same by itself where it was
   * not called. Rejects with `BACKEND_UNAVAILABLE`, `AUTHENTICATION_FAILED`, `ABORTED` or `CLOSED`.
   */
  connect(options: WaitOptions): Promise<void>;

  /**
   * Resolves, at the latest `timeoutMs` after the call, with one outcome for each record, in their order; it never
   * rejects. `ok` means acknowledged with acks=all. Records of one key are written in the order of the calls and of the
   * records in them. It coalesces concurrent calls, and waits while its bounded queue is full. A record that
   * fails takes no other with it, and a partition that cannot be written to holds up its own records alone.
   */
  publish(records: readonly PublishRecord[], options: WaitOptions): Promise<readonly PublishOutcome[]>;

  /**
   * Sends what is queued, fails what is left at the deadline with `CLOSED`, and frees every resource. Later calls of
   * `publish` give `CLOSED`; later calls of `close` do nothing.
   */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

export interface WaitOptions {
  /** Deadline for the whole call, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborting ends the wait with `ABORTED`; what is already with the brokers may still be written. */
  readonly signal?: AbortSignal | undefined;
}
