import type { PusherError } from '@preservarium/core';
import type { Logger, PublisherBackend, PublishOutcome, PublishRecord } from '@preservarium/publisher';
import { pause } from './pause.js';

const publishTimeoutMs = 30_000;
const firstPauseMs = 100;
const maxPauseMs = 5_000;
const maxBatchRecords = 10_000;

/** Writes what the connector has to say, in the order in which it is said. */
export interface Appender {
  /** Resolves when Kafka has the record and all that were appended before it; never when the appender stops before. */
  append(record: PublishRecord): Promise<void>;
  /** Resolves when all that was appended is written. */
  flushed(): Promise<void>;
  /** Tries nothing again any more. */
  stop(): void;
}

export interface AppenderSettings {
  readonly backend: PublisherBackend;
  readonly logger: Logger;
  /** Called when a record can never be written, so that going on would lose it. */
  onFatal(error: PusherError): void;
}

/**
 * One batch is under way at a time, and is repeated until Kafka has all of it: so the order holds whatever fails. What is
 * appended meanwhile makes the next batch.
 */
export function createAppender({ backend, logger, onFatal }: AppenderSettings): Appender {
  const stopped = new AbortController();
  const whenStopped = Promise.withResolvers<void>();
  let batch: PublishRecord[] = [];
  let written = Promise.withResolvers<void>();
  let writing: Promise<void> | undefined;

  function append(record: PublishRecord): Promise<void> {
    batch.push(record);
    writing ??= Promise.resolve().then(writeAll);
    return written.promise;
  }

  async function writeAll(): Promise<void> {
    while (batch.length > 0 && !stopped.signal.aborted) {
      const records = batch;
      const { resolve } = written;
      batch = [];
      written = Promise.withResolvers();
      for (let start = 0; start < records.length; start += maxBatchRecords) {
        if (!(await write(records.slice(start, start + maxBatchRecords)))) return;
      }
      resolve();
      // What those who waited append now still goes along.
      await Promise.resolve();
    }
    writing = undefined;
  }

  async function write(records: readonly PublishRecord[]): Promise<boolean> {
    let left = records;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      const outcomes = await backend.publish(left, { timeoutMs: publishTimeoutMs, signal: stopped.signal });
      const failed = firstFailed(outcomes);
      if (failed === undefined) return true;
      const { position, error } = failed;
      if (stopped.signal.aborted) return false;
      if (!error.retryable) {
        stop();
        onFatal(error);
        return false;
      }
      logger.warn(
        { err: error, topic: left[position]?.topic },
        'not written to Kafka yet; it is tried again',
      );
      // From the first that failed on, so that nothing overtakes it; readers know records that come twice.
      left = left.slice(position);
      await pause(pauseMs * (0.5 + Math.random() / 2), whenStopped.promise);
    }
  }

  async function flushed(): Promise<void> {
    while (writing !== undefined && !stopped.signal.aborted) await writing;
  }

  function stop(): void {
    stopped.abort();
    whenStopped.resolve();
  }

  return { append, flushed, stop };
}

function firstFailed(outcomes: readonly PublishOutcome[]) {
  for (const [position, outcome] of outcomes.entries()) {
    if (!outcome.ok) return { position, error: outcome.error };
  }
  return undefined;
}
