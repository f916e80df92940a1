import { type Partitioner, type PublishRecord, partitionForKey } from '@preservarium/backend';

/** How often the client says how far each partition is acknowledged. Only a batch that stalls needs it. */
export const statisticsIntervalMs = 250;

/** The statistics of librdkafka that are used here: https://github.com/confluentinc/librdkafka/blob/master/STATISTICS.md */
interface Statistics {
  /** Microseconds since the client was made. */
  readonly age: number;
  readonly topics: Readonly<
    Record<string, { readonly partitions: Readonly<Record<string, PartitionStatistics>> }>
  >;
}

interface PartitionStatistics {
  /** Records that the partition has been given; they are numbered from 1. */
  readonly msgs: number;
  /** The highest number that the brokers have acknowledged. All below it are acknowledged, or reported as failed. */
  readonly acked_msgid: number;
  readonly msgq_cnt: number;
  /** True: brokers do not know it. */
  readonly unknown: boolean;
}

/** Knows how far the partitions of one producer are acknowledged. */
export interface PartitionAcks {
  /** Takes the message of an `event.stats`. */
  note(message: string): void;
  /** Starts to follow the records of a batch. Call it before the first of them is produced. */
  follow(records: readonly PublishRecord[]): BatchAcks;
}

/** The records of a batch, by partition. */
export interface BatchAcks {
  /** Call it when the last record has been produced. */
  produced(): void;
  /**
   * Returns the positions of records of which the latest statistics prove that the client has them no longer: each is acknowledged, or
   * its failure is about to be reported. Each position is returned once.
   */
  takeSettled(): readonly number[];
}

interface PendingPartition {
  readonly positions: readonly number[];
  readonly topic: string;
  readonly partition: number;
  /** The highest number that a record of the batch can have. */
  readonly lastNumber: number;
}

/** Of the topic in which no record knows its partition yet. */
const unassigned = '-1';

/**
 * Returns the acknowledgements of a producer that reports failures only. Its statistics say which numbers of a partition
 * are acknowledged; the numbers of a batch are not above the count that the partition had been given some time after the batch was produced.
 *
 * @param beganAtMs when the client was about to be made, by `performance.now()`
 */
export function createPartitionAcks(beganAtMs: number, partitioner: Partitioner | undefined): PartitionAcks {
  let latest: Statistics | undefined;
  let latestText: string | undefined;

  function read(text: string | undefined): Statistics | undefined {
    if (text === undefined) return undefined;
    if (text !== latestText) return JSON.parse(text) as Statistics;
    latest ??= JSON.parse(text) as Statistics;
    return latest;
  }

  function follow(records: readonly PublishRecord[]): BatchAcks {
    const textBefore = latestText;
    let producedAtMs = Number.POSITIVE_INFINITY;
    let pending: PendingPartition[] | undefined;

    function takeSettled(): readonly number[] {
      const now = read(latestText);
      if (now === undefined) return [];
      if (pending === undefined && beganAtMs + now.age / 1_000 > producedAtMs) {
        pending = pendingPartitions(records, read(textBefore), now, partitioner);
      }
      const isDone = ({ topic, partition, lastNumber }: PendingPartition) =>
        (now.topics[topic]?.partitions[partition]?.acked_msgid ?? 0) >= lastNumber;
      const settled = pending?.filter(isDone).flatMap(({ positions }) => positions) ?? [];
      pending = pending?.filter((partition) => !isDone(partition));
      return settled;
    }

    return {
      produced() {
        producedAtMs = performance.now();
      },
      takeSettled,
    };
  }

  return {
    note(message) {
      latestText = message;
      latest = undefined;
    },
    follow,
  };
}

/** Topics of which the partitions are not certain, or changed while the batch was produced, are left out. */
function pendingPartitions(
  records: readonly PublishRecord[],
  before: Statistics | undefined,
  now: Statistics,
  partitioner: Partitioner | undefined,
): PendingPartition[] {
  const pending = new Map<string, PendingPartition & { readonly positions: number[] }>();
  const counts = new Map<string, number>();
  for (const [position, record] of records.entries()) {
    const { topic, key } = record;
    let count = counts.get(topic);
    if (count === undefined) {
      count = certainCount(topic, before, now);
      counts.set(topic, count);
    }
    if (count === 0) continue;
    const partition = record.partition ?? partitionForKey(key, count, partitioner);
    const id = `${partition} ${topic}`;
    const found = pending.get(id);
    if (found) found.positions.push(position);
    else {
      const lastNumber = now.topics[topic]?.partitions[partition]?.msgs ?? Number.POSITIVE_INFINITY;
      pending.set(id, { topic, partition, lastNumber, positions: [position] });
    }
  }
  return [...pending.values()];
}

/** Returns the number of partitions that the topic had all the while; 0 if it is not known. */
function certainCount(topic: string, before: Statistics | undefined, now: Statistics): number {
  const partitions = now.topics[topic]?.partitions;
  if (partitions === undefined || (partitions[unassigned]?.msgq_cnt ?? 0) > 0) return 0;
  const count = countOf(partitions);
  return count === countOf(before?.topics[topic]?.partitions) ? count : 0;
}

function countOf(partitions: Readonly<Record<string, PartitionStatistics>> = {}): number {
  return Object.entries(partitions).filter(([id, { unknown }]) => id !== unassigned && !unknown).length;
}
