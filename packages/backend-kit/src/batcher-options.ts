import type { PublishOutcome, PublishRecord, WaitOptions } from '@preservarium/backend';
import type { PublishTimedOutError, PusherError } from '@preservarium/core';

export interface BatcherOptions {
  /** Name of the backend, for messages. */
  readonly name: string;
  /** Number of shards; batches of different shards are written side by side. */
  readonly shards: number;
  /** Returns the shard of a key, from 0 to `shards - 1`; always the same for one key. */
  shardOf(key: PublishRecord['key']): number;
  /** Limits of a batch, whichever is reached first; a single call is never divided. */
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** Memory of calls queued and in flight, in bytes, beyond which calls wait. Default 64 MiB. */
  readonly maxQueuedBytes: number | undefined;
  /** Memory of waiting calls, in bytes, beyond which calls fail with `QUEUE_FULL`. 0: no call waits. Default 256 MiB. */
  readonly maxWaitingBytes: number | undefined;
  /** Returns the memory that a pending call takes. Default: as measured with both clients, about 1,300 bytes more than its records. */
  costOf?(records: readonly PublishRecord[]): number;
  /**
   * Publishes the records in their order and resolves with one outcome for each, once none of them can be written any
   * more: the next batch of the shard starts only then, or when `goOn` is called. Must be bounded in time by the client's own
   * delivery timeout.
   */
  writeBatch(
    records: readonly PublishRecord[],
    shard: number,
    progress: BatchProgress,
  ): Promise<readonly PublishOutcome[]>;
  /** Returns the error of a call whose deadline passed. Default: the given one. */
  explainTimeout?(error: PublishTimedOutError): PusherError;
}

/** Keeps one partition that stalls from holding up the others of its batch, and of its shard. */
export interface BatchProgress {
  /** Answers the calls of the batch whose records all have an outcome, which is final. Call it with one entry for each record. */
  settled(outcomes: readonly (PublishOutcome | undefined)[]): void;
  /** Starts the next batch of the shard beside this one: from here on, the client keeps the order of each key. */
  goOn(): void;
}

export interface Batcher {
  publish(records: readonly PublishRecord[], options: WaitOptions): Promise<readonly PublishOutcome[]>;
  /** Writes what is queued; what is not acknowledged at the deadline fails with `CLOSED`. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}
