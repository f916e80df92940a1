import type {
  AssignedPartition,
  Backend,
  ConsumedRecord,
  Logger,
  ProcessedPosition,
  SubscribeOptions,
  Subscription,
  TopicPartition,
} from '@preservarium/backend';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { ClosedError } from '@preservarium/core';
import { isDiskFull } from '@preservarium/state-file';
import type { DocumentStore, ReadPosition } from './documents/document-store.js';

/** Records that are taken in one transaction; the event loop goes on in between. */
const sliceRecords = 200;
const fullDiskRetryMs = 1_000;
/** At the first start, all settings come. They are decoded more slowly than they are fetched, so more would wait in memory. */
const maxFetchBytes = 1_048_576;

export interface FollowOptions {
  readonly backend: Backend;
  readonly topics: readonly string[];
  readonly groupId: string;
  /** Has the positions, and what was made of the records before them. */
  readonly documents: DocumentStore;
  readonly logger: Logger;
  /**
   * Called with each record once, in the order of a partition's offsets; again, where the disk was full. Must not throw: that ends the
   * subscription.
   */
  onRecord(record: ConsumedRecord): void;
  /** A topic is not the one that was read before: the documents are removed, and all records come again. */
  onRebuild(): void;
}

export interface Following extends Pick<Subscription, 'closed' | 'close'> {
  /**
   * Resolves when all records that are in the topics now have been taken.
   *
   * @param options.timeoutMs how long to wait without any record, in milliseconds
   */
  catchUp(options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** A partition that is read. */
interface Reading {
  readonly startOffset: number;
  /** The last record that was read before: it comes again, and must be the same. */
  awaited: ReadPosition | undefined;
  /** All records below it have been taken. */
  nextOffset: number;
}

/**
 * Reads the topics from where the documents are, until `close`. A partition is known by where it begins and by the last record that was
 * read: where one of both is another one, nothing of the documents is trusted, and all topics are read from their beginning.
 */
export async function followTopics(options: FollowOptions): Promise<Following> {
  const { backend, topics, groupId, documents, logger, onRecord } = options;
  /** Empty from a rebuild until the partitions are assigned again. */
  const readings = new Map<string, Reading>();
  const closing = Promise.withResolvers<void>();
  let progress = Promise.withResolvers<void>();
  let rebuilds = 0;
  let subscription: Subscription | undefined;

  const resumeFrom: SubscribeOptions['resumeFrom'] = (start) =>
    start.isNewTopic ? undefined : documents.position(start)?.offset;

  function onAssigned(partitions: readonly AssignedPartition[]): void {
    for (const partition of partitions) {
      const { nextOffset: startOffset, readFrom, isNewTopic } = partition;
      const awaited = documents.position(partition);
      const isSame = awaited?.startOffset === startOffset && awaited.offset === readFrom && !isNewTopic;
      if (awaited !== undefined && !isSame) {
        rebuild();
        return;
      }
      readings.set(partitionId(partition), { startOffset, awaited, nextOffset: 0 });
    }
  }

  function rebuild(): void {
    logger.warn(
      { topics },
      'a settings topic is not the one that was read before, or records are missing: all settings are read again',
    );
    rebuilds += 1;
    readings.clear();
    documents.clear();
    options.onRebuild();
    subscription?.rejoin();
    noteProgress();
  }

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    const [first] = records;
    const reading = first && readings.get(partitionId(first));
    if (first === undefined || reading === undefined) return;
    const { awaited } = reading;
    if (awaited !== undefined) {
      if (first.offset !== awaited.offset || first.timestampMs !== awaited.timestampMs) {
        rebuild();
        return;
      }
      Object.assign(reading, { awaited: undefined, nextOffset: awaited.offset + 1 });
    }
    const fresh = records.filter(({ offset }) => offset >= reading.nextOffset);
    for (let start = 0; start < fresh.length; start += sliceRecords) {
      if (start > 0) await nextTurn();
      await take(fresh.slice(start, start + sliceRecords), reading);
    }
    noteProgress();
  }

  async function take(slice: readonly ConsumedRecord[], reading: Reading): Promise<void> {
    const last = slice.at(-1) as ConsumedRecord;
    const { offset, timestampMs } = last;
    for (let isFirstTry = true; ; isFirstTry = false) {
      // A rebuild reads the records again.
      if (readings.get(partitionId(last)) !== reading) return;
      try {
        documents.transaction(() => {
          for (const record of slice) onRecord(record);
          documents.setPosition(last, { startOffset: reading.startOffset, offset, timestampMs });
        });
        reading.nextOffset = offset + 1;
        return;
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        if (isFirstTry)
          logger.error({ err: error }, 'the disk is full: reading settings waits for free space');
        if (await settledWithin(closing.promise, fullDiskRetryMs)) return;
      }
    }
  }

  /** The last offsets of a partition may hold no record, such as the marker of a transaction. */
  function onCaughtUp(position: ProcessedPosition): void {
    const reading = readings.get(partitionId(position));
    if (reading === undefined) return;
    if (reading.awaited !== undefined) {
      rebuild();
      return;
    }
    reading.nextOffset = Math.max(position.nextOffset, reading.nextOffset);
    noteProgress();
  }

  function noteProgress(): void {
    progress.resolve();
    progress = Promise.withResolvers();
  }

  /** Resolves with the ends of the partitions that have records. */
  async function endsOf(topic: string): Promise<ProcessedPosition[]> {
    const offsets = await backend.offsets({ topic, groupId });
    return offsets
      .filter(({ startOffset, endOffset }) => endOffset > startOffset)
      .map(({ partition, endOffset }) => ({ topic, partition, nextOffset: endOffset }));
  }

  subscription = await backend.subscribe({
    topics,
    groupId,
    from: 'beginning',
    maxFetchBytes,
    resumeFrom,
    onAssigned,
    onRecords,
    onCaughtUp,
  });
  const { closed, close } = subscription;
  if (rebuilds > 0) subscription.rejoin();
  const ended = closed.then(() => {
    throw new ClosedError('the settings');
  });
  ended.catch(() => {});

  return {
    closed,
    close(options) {
      closing.resolve();
      return close(options);
    },
    async catchUp(options) {
      const doing = `read ${topics.join(' and ')} to the end`;
      for (;;) {
        const before = rebuilds;
        const known = documents.positions();
        const ends = (await withDeadline(Promise.all(topics.map(endsOf)), { doing, ...options })).flat();
        // No record comes that would tell.
        if (known.some((position) => !ends.some((end) => isSamePartition(end, position)))) rebuild();
        const hasCaughtUp = () =>
          ends.every((end) => (readings.get(partitionId(end))?.nextOffset ?? 0) >= end.nextOffset);
        while (rebuilds === before && !hasCaughtUp()) {
          const goingOn = Promise.race([progress.promise, ended]);
          await withDeadline(goingOn, { doing, ...options });
        }
        if (rebuilds === before) return;
      }
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isSamePartition(one: TopicPartition, other: TopicPartition): boolean {
  return one.topic === other.topic && one.partition === other.partition;
}

function partitionId({ topic, partition }: TopicPartition): string {
  return `${partition}@${topic}`;
}
