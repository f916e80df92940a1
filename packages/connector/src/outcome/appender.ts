import type { Logger, PublisherBackend, PublishRecord } from '@preservarium/backend';
import type { PusherError } from '@preservarium/core';
import { pause } from '../pause.js';
import { afterFailures } from './after-failures.js';
import { smallerRecord } from './smaller-record.js';

const publishTimeoutMs = 30_000;
const firstPauseMs = 100;
const maxPauseMs = 5_000;
/** The records of a written batch are concluded in one turn of the event loop. */
const maxBatchRecords = 2_000;
const maxLoggedCharacters = 256;
/** How long Kafka may take for a batch before no attempt starts. */
const maxBehindMs = 5_000;

/** Writes what the connector has to say of one partition, in the order in which it is said. */
export interface Appender {
  /**
   * Resolves when Kafka has the record and all that were appended before it; never when the appender stops before.
   *
   * @param instead gives what to write where Kafka refuses this record for good. Default: the record without what makes it large
   */
  append(record: PublishRecord, instead?: Instead): Promise<void>;
  /** Resolves when all that was appended is written. */
  flushed(): Promise<void>;
  /**
   * Resolves when what was appended is in Kafka again about as fast as it comes; undefined where it is. Nothing must start meanwhile that would have
   * to be written: it could not be known after a crash, and would need memory.
   */
  untilWritable(): Promise<void> | undefined;
  /** Records that Kafka refused, and in whose place something smaller was written, or nothing. */
  refused(): number;
  /** Tries nothing again any more. */
  stop(): void;
}

type Instead = (error: PusherError) => readonly PublishRecord[];
type Insteads = Map<PublishRecord, Instead>;

export interface AppenderOptions {
  readonly backend: PublisherBackend;
  readonly logger: Logger;
  /** Records that wait for Kafka, beyond which no attempt starts. */
  maxPendingRecords(): number;
  /** Called when the backend can write nothing any more; a record that is refused for its own sake does not end the connector. */
  onFatal(error: PusherError): void;
}

/** Records that are written together. */
interface Batch {
  readonly records: PublishRecord[];
  readonly insteads: Insteads;
  readonly written: PromiseWithResolvers<void>;
}

/**
 * One batch is in flight at a time, and is repeated until Kafka has all of it: so the order holds under every failure. Records
 * that are appended meanwhile form the next batch. A record that Kafka refuses for its size is replaced by a smaller one.
 */
export function createAppender({ backend, logger, maxPendingRecords, onFatal }: AppenderOptions): Appender {
  const stopped = new AbortController();
  const whenStopped = Promise.withResolvers<void>();
  const batches: Batch[] = [];
  let writing: Promise<void> | undefined;
  let refusedCount = 0;
  let pendingRecords = 0;
  let batchStartedMs = 0;
  let batchWritten: PromiseWithResolvers<void> | undefined;

  function append(record: PublishRecord, instead?: Instead): Promise<void> {
    let batch = batches.at(-1);
    if (batch === undefined || batch.records.length === maxBatchRecords) {
      batch = { records: [], insteads: new Map(), written: Promise.withResolvers() };
      batches.push(batch);
    }
    batch.records.push(record);
    pendingRecords++;
    if (instead !== undefined) batch.insteads.set(record, instead);
    writing ??= Promise.resolve().then(writeAll);
    return batch.written.promise;
  }

  async function writeAll(): Promise<void> {
    while (!stopped.signal.aborted) {
      const batch = batches.shift();
      if (batch === undefined) break;
      batchStartedMs = performance.now();
      if (!(await write(batch))) return;
      pendingRecords -= batch.records.length;
      batch.written.resolve();
      batchWritten?.resolve();
      batchWritten = undefined;
      // Records that the awaiters append now belong to the same batch.
      await Promise.resolve();
    }
    writing = undefined;
  }

  async function write({ records, insteads }: Batch): Promise<boolean> {
    let left: readonly PublishRecord[] = records;
    // After a refusal the first one goes by itself: in a batch it is not always told which record is too large.
    let isAlone = false;
    let pauseMs = firstPauseMs;
    while (left.length > 0) {
      const now: readonly PublishRecord[] = isAlone ? left.slice(0, 1) : left;
      const outcomes = await backend.publish(now, { timeoutMs: publishTimeoutMs, signal: stopped.signal });
      const others = left.slice(now.length);
      if (outcomes.every(({ ok }) => ok)) {
        left = others;
        isAlone = false;
        continue;
      }
      if (stopped.signal.aborted) return false;
      const next = afterFailures(now, outcomes, (record, error) => replace(record, error, insteads));
      if (next.kind === 'fatal') {
        stop();
        onFatal(next.error);
        return false;
      }
      left = [...next.records, ...others];
      isAlone = next.retryable === undefined && now.length > 1;
      if (next.retryable === undefined) continue;
      logger.warn(
        { err: next.retryable, topic: left[0]?.topic },
        'not written to Kafka yet; it is tried again',
      );
      await pause(pauseMs * (0.5 + Math.random() / 2), whenStopped.promise);
      pauseMs = Math.min(pauseMs * 2, maxPauseMs);
    }
    return true;
  }

  /** A smaller record has no default of its own, so that this comes to an end. */
  function replace(record: PublishRecord, error: PusherError, insteads: Insteads): readonly PublishRecord[] {
    const { topic } = record;
    const key = String(record.key).slice(0, maxLoggedCharacters);
    const written = insteads.get(record) ?? writeSmaller(record, insteads);
    const replacements = written(error);
    refusedCount++;
    if (replacements.length === 0) {
      logger.error(
        { err: error, topic, key },
        'a record was dropped: Kafka refuses it, and nothing can be left out',
      );
    } else {
      logger.warn(
        { err: error, topic, key },
        'Kafka refuses a record; a smaller one is written in its place',
      );
    }
    return replacements;
  }

  function writeSmaller(record: PublishRecord, insteads: Insteads): Instead {
    return () => {
      const smaller = smallerRecord(record);
      if (smaller === undefined) return [];
      insteads.set(smaller, () => []);
      return [smaller];
    };
  }

  function untilWritable(): Promise<void> | undefined {
    if (writing === undefined) return undefined;
    const isBehind = performance.now() - batchStartedMs > maxBehindMs;
    if (!isBehind && pendingRecords < maxPendingRecords()) return undefined;
    batchWritten ??= Promise.withResolvers();
    return batchWritten.promise;
  }

  async function flushed(): Promise<void> {
    while (writing !== undefined && !stopped.signal.aborted) await writing;
  }

  function stop(): void {
    stopped.abort();
    whenStopped.resolve();
  }

  return { append, flushed, untilWritable, refused: () => refusedCount, stop };
}
