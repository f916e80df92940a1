import type { PublishRecord } from '@preservarium/backend';
import type { BatchProgress } from '@preservarium/backend-kit';
import type { Batch } from './rdkafka-batch.js';
import { smallBatchBytes } from './rdkafka-batch-sizes.js';
import type { PartitionAcks } from './rdkafka-partition-acks.js';

/** With a report for each record, so many batches overlap: fewer leave the brokers idle, and with more they get small. */
const maxOverlapping = 4;

export interface Delivery extends Batch {
  readonly progress: BatchProgress;
  /** How many of the records that the client has taken have no report. */
  unreported: number;
  /** Of the values that the client has taken. */
  bytes: number;
  /** When its last record was produced, by `performance.now()`; `Infinity` until then. */
  producedAtMs: number;
  readonly settled: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** The place of a record, which its report carries. */
export interface Place {
  readonly delivery: Delivery;
  readonly position: number;
}

/** The batches of a producer. */
export interface InFlight {
  /** Those that the client has, the oldest first. */
  batches(): readonly Delivery[];
  /** @param again the batch of which the records are sent again */
  begin(records: readonly PublishRecord[], progress: BatchProgress, again?: Delivery): Delivery;
  /** The client has taken a record of a batch. */
  noteTaken(batch: Delivery, bytes: number): void;
  /** Ends a batch of which the client has nothing left. */
  end(batch: Delivery): void;
  /** Ends all batches with an error. */
  fail(error: unknown): void;
  /** A batch has its last outcome: none of its records is sent again. */
  finish(batch: Delivery): void;
  /** Lets the next batch begin when few bytes are in flight, or after this time. Returns a function that takes that back. */
  goOn(progress: BatchProgress, afterMs: number): () => void;
  /** Resolves when all batches have ended. */
  empty(): Promise<void>;
}

/** @param mayOverlap returns whether a batch may begin while others are in flight */
export function createInFlight(acks: PartitionAcks, mayOverlap: () => boolean): InFlight {
  let batches: Delivery[] = [];
  const unfinished = new Set<Delivery>();
  const onEmpty: (() => void)[] = [];
  let bytes = 0;
  /** Lets the batch begin that waits until fewer are in flight. */
  let onRoom: (() => void) | undefined;

  function hasRoom(): boolean {
    return batches.length < maxOverlapping && bytes <= smallBatchBytes && mayOverlap();
  }

  function resolveEmpty(): void {
    for (const resolve of onEmpty.splice(0)) resolve();
  }

  return {
    batches: () => batches,
    begin(records, progress, again) {
      for (const other of unfinished) if (other !== again) other.overtaken = true;
      const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
      // It may be rejected while its records are still produced, before anybody awaits it.
      settled.catch(() => {});
      const batch: Delivery = {
        records,
        outcomes: new Array(records.length).fill(undefined),
        acks: acks.follow(records),
        taken: 0,
        overtaken: false,
        progress,
        unreported: 0,
        bytes: 0,
        producedAtMs: Number.POSITIVE_INFINITY,
        settled,
        resolve,
        reject,
      };
      batches.push(batch);
      unfinished.add(batch);
      return batch;
    },
    noteTaken(batch, recordBytes) {
      batch.unreported++;
      batch.bytes += recordBytes;
      bytes += recordBytes;
    },
    end(batch) {
      batch.resolve();
      const place = batches.indexOf(batch);
      if (place === -1) return;
      batches.splice(place, 1);
      bytes -= batch.bytes;
      if (onRoom && hasRoom()) {
        const goOn = onRoom;
        onRoom = undefined;
        goOn();
      }
      if (batches.length === 0) resolveEmpty();
    },
    fail(error) {
      for (const batch of batches) batch.reject(error);
      batches = [];
      resolveEmpty();
    },
    finish(batch) {
      unfinished.delete(batch);
    },
    goOn({ goOn }, afterMs) {
      if (hasRoom()) {
        goOn();
        return () => {};
      }
      onRoom = goOn;
      const timer = setTimeout(goOn, afterMs);
      return () => {
        clearTimeout(timer);
        if (onRoom === goOn) onRoom = undefined;
      };
    },
    async empty() {
      if (batches.length > 0) await new Promise<void>((resolve) => onEmpty.push(resolve));
    },
  };
}
