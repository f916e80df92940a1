import type { ConsumedRecord, TopicPartition } from '@preservarium/backend';

export interface PartitionQueueOptions extends TopicPartition {
  /**
   * Whether the first record that comes shows where the group starts, so that all before it may be committed. Else a member that takes
   * the partition over before anything is settled would start at the end of its time.
   */
  readonly startsAtEnd: boolean;
  /** What is still under way of this partition from before it was assigned. */
  readonly after: Promise<void> | undefined;
  onRecords(records: readonly ConsumedRecord[]): Promise<void>;
  /** `onRecords` rejected. */
  onFailure(error: unknown): void;
}

/** A partition from when it is assigned until it is revoked: hands its records over, and knows how far it is. */
export interface PartitionQueue extends TopicPartition {
  /** Resolves when the records are done with, or when the queue was closed before their turn came; never rejects. */
  add(records: readonly ConsumedRecord[]): Promise<void>;
  /** Resolves when nothing is under way. */
  readonly idle: Promise<void> | undefined;
  /** Ignores what was not handed over. */
  settle(nextOffset: number): void;
  /** What is settled, unless it is committed. */
  dueOffset(): number | undefined;
  committed(nextOffset: number): void;
  /** Hands over nothing more. */
  close(): void;
}

export function createPartitionQueue(settings: PartitionQueueOptions): PartitionQueue {
  const { topic, partition, startsAtEnd, onRecords, onFailure } = settings;
  let idle = settings.after;
  let closed = false;
  let handedOver = 0;
  let settledOffset = 0;
  let committedOffset = 0;

  async function handOver(
    records: readonly ConsumedRecord[],
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before;
    const first = records[0];
    const last = records.at(-1);
    if (closed || first === undefined || last === undefined) return;
    if (startsAtEnd && handedOver === 0) settledOffset = first.offset;
    handedOver = last.offset + 1;
    try {
      await onRecords(records);
    } catch (error) {
      onFailure(error);
    }
  }

  return {
    topic,
    partition,
    add(records) {
      idle = handOver(records, idle);
      return idle;
    },
    get idle() {
      return idle;
    },
    settle(nextOffset) {
      if (nextOffset <= handedOver) settledOffset = Math.max(settledOffset, nextOffset);
    },
    dueOffset: () => (settledOffset > committedOffset ? settledOffset : undefined),
    committed(nextOffset) {
      committedOffset = nextOffset;
    },
    close() {
      closed = true;
    },
  };
}
