import type { ConsumedRecord, SubscribeOptions, TopicPartition } from '@preservarium/backend';
import { startSlice } from '@preservarium/concurrency';

/** At either limit a queue is full. */
const maxQueuedRecords = 1000;
const maxQueuedBytes = 4 * 1024 * 1024;
/** One call of `onRecords` takes no more, and a larger record alone: it may compute until it has read all of them. */
const maxBytesOfCall = 256 * 1024;

export interface PartitionQueueOptions extends TopicPartition {
  /** The committed offset. */
  readonly nextOffset: number;
  /** Where the records start: later than `nextOffset` if the application knows those before. */
  readonly readFrom: number;
  /** Resolves when the call of `onRecords` from an earlier assignment has ended; `undefined` if there is none. */
  readonly after: Promise<void> | undefined;
  readonly onRecords: SubscribeOptions['onRecords'];
  readonly onCaughtUp: SubscribeOptions['onCaughtUp'];
  /** Called with the promise of each run of calls of `onRecords`. */
  onHandling(handling: Promise<void>): void;
  /** `onRecords` or `onCaughtUp` failed. */
  onFailure(error: unknown): void;
}

/** Hands the records of one partition over in order, one call of `onRecords` at a time, and tracks what is processed. */
export interface PartitionQueue extends TopicPartition {
  /** Adds a record behind the others; `handOver` then hands it over. */
  add(record: ConsumedRecord): void;
  /** Says that the end of the partition is here, after the records that were added; `handOver` then calls `onCaughtUp`. */
  reached(endOffset: number): void;
  /** Calls `onRecords` with what is queued, unless a call is in flight. Resolves when no call is in flight and nothing is queued. */
  handOver(): Promise<void>;
  /** Returns whether 1,000 records or 4 MiB are queued. */
  isFull(): boolean;
  /** Resolves when what is queued now has been handed over or dropped. */
  taken(): Promise<void>;
  /** Drops what is queued and hands over nothing more. */
  stop(): void;
  /** Ignores positions that are neither handed over nor known to the application. */
  markProcessed(nextOffset: number): void;
  /** Returns the offset to commit; `undefined` if it is committed. */
  dueOffset(): number | undefined;
  committed(nextOffset: number): void;
  /** Returns the offset of the next record that is to be handed over, or a lower one. */
  position(): number;
  /** Returns the offset that was committed last. */
  committedOffset(): number;
}

const nothing = Promise.resolve();

/** Returns the queue of a partition from its assignment until its revocation. */
export function createPartitionQueue(options: PartitionQueueOptions): PartitionQueue {
  const { topic, partition, nextOffset, readFrom, onRecords, onCaughtUp, onHandling, onFailure } = options;
  let { after } = options;
  let queued: ConsumedRecord[] = [];
  let queuedBytes = 0;
  let firstOffset = readFrom > nextOffset ? nextOffset : Number.POSITIVE_INFINITY;
  let handedOver = 0;
  let processedOffset = nextOffset;
  let committedOffset = nextOffset;
  /** The newest end that `onCaughtUp` has not received. */
  let reachedOffset: number | undefined;
  let caughtUpOffset = nextOffset;
  let stopped = false;
  let handling: Promise<void> | undefined;
  let whenTaken: PromiseWithResolvers<void> | undefined;

  function add(record: ConsumedRecord): void {
    if (stopped) return;
    queued.push(record);
    queuedBytes += bytesOf(record);
  }

  function handOver(): Promise<void> {
    if (handling !== undefined) return handling;
    if (stopped || !isWorkLeft()) return after ?? nothing;
    handling = handleAll();
    onHandling(handling);
    return handling;
  }

  function isWorkLeft(): boolean {
    return queued.length > 0 || reachedOffset !== undefined;
  }

  async function handleAll(): Promise<void> {
    if (after !== undefined) await after;
    after = undefined;
    const slice = startSlice();
    while (!stopped && isWorkLeft()) {
      if (slice.isOver()) await slice.next();
      if (stopped) break;
      try {
        if (queued.length > 0) await onRecords(takeQueued());
        else await reportEnd();
      } catch (error) {
        stop();
        onFailure(error);
      }
    }
    handling = undefined;
  }

  async function reportEnd(): Promise<void> {
    const endOffset = reachedOffset ?? 0;
    reachedOffset = undefined;
    if (endOffset < handedOver) return;
    caughtUpOffset = endOffset;
    await onCaughtUp?.({ topic, partition, nextOffset: endOffset });
  }

  function takeQueued(): readonly ConsumedRecord[] {
    const records = firstOf(queued);
    const first = (records[0] as ConsumedRecord).offset;
    firstOffset = Math.min(firstOffset, first);
    handedOver = (records.at(-1) as ConsumedRecord).offset + 1;
    if (records.length === queued.length) {
      empty();
    } else {
      queued = queued.slice(records.length);
      queuedBytes -= records.reduce((bytes, record) => bytes + bytesOf(record), 0);
    }
    return records;
  }

  function empty(): void {
    queued = [];
    queuedBytes = 0;
    whenTaken?.resolve();
    whenTaken = undefined;
  }

  function stop(): void {
    stopped = true;
    empty();
  }

  return {
    topic,
    partition,
    add,
    reached(endOffset) {
      if (!stopped) reachedOffset = endOffset;
    },
    handOver,
    isFull: () => queued.length >= maxQueuedRecords || queuedBytes >= maxQueuedBytes,
    taken() {
      if (queued.length === 0) return nothing;
      whenTaken ??= Promise.withResolvers();
      return whenTaken.promise;
    },
    stop,
    markProcessed(nextOffset) {
      if (nextOffset > firstOffset && nextOffset <= handedOver && nextOffset > processedOffset) {
        processedOffset = nextOffset;
      }
    },
    dueOffset() {
      // Offsets after the last record have none.
      const isAllProcessed = processedOffset >= handedOver;
      const offset = isAllProcessed ? Math.max(processedOffset, caughtUpOffset) : processedOffset;
      return offset > committedOffset ? offset : undefined;
    },
    committed(nextOffset) {
      committedOffset = nextOffset;
    },
    position: () => Math.max(readFrom, handedOver, caughtUpOffset),
    committedOffset: () => committedOffset,
  };
}

/** Returns as many of the records as one call takes, at least one. */
function firstOf(records: readonly ConsumedRecord[]): readonly ConsumedRecord[] {
  let bytes = 0;
  const end = records.findIndex((record, index) => {
    bytes += bytesOf(record);
    return bytes > maxBytesOfCall && index > 0;
  });
  return end === -1 ? records : records.slice(0, end);
}

function bytesOf({ key, value }: ConsumedRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
