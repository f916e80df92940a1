import type { ConsumedRecord, SubscribeOptions, TopicPartition } from '@preservarium/backend';

/** Records of one partition that wait for the handler; beyond either limit the partition is paused. */
const maxQueuedRecords = 1000;
const maxQueuedBytes = 4 * 1024 * 1024;

export interface PartitionQueue {
  readonly partition: TopicPartition;
  add(record: ConsumedRecord): void;
  /** Whether as much waits here as may. */
  isFull(): boolean;
  /** Hands what waits to the handler, unless it is at work. */
  handOver(): void;
  /** Drops what waits, and hands nothing over any more. */
  stop(): void;
  /** Whether records up to here were handed over, so that they may be settled. */
  hasHandedOver(nextOffset: number): boolean;
}

export interface PartitionQueueOptions {
  readonly partition: TopicPartition;
  readonly onRecords: SubscribeOptions['onRecords'];
  /** Resolves when no earlier call of the handler for this partition is under way. */
  readonly handlerFree: Promise<unknown>;
  onHandling(handling: Promise<void>): void;
  /** Called when there is room again. */
  onTaken(): void;
  onFailed(error: unknown): void;
}

/** Hands the records of one partition over in order, one call of the handler at a time. */
export function createPartitionQueue(options: PartitionQueueOptions): PartitionQueue {
  let queued: ConsumedRecord[] = [];
  let queuedBytes = 0;
  let firstOffset: number | undefined;
  let nextOffset = 0;
  let handedOver = 0;
  let handling = true;
  let stopped = false;

  void options.handlerFree.then(() => {
    handling = false;
    handOver();
  });

  function add(record: ConsumedRecord): void {
    // After a pause, the client may begin again with a record that came already.
    if (stopped || record.offset < nextOffset) return;
    firstOffset ??= record.offset;
    nextOffset = record.offset + 1;
    queued.push(record);
    queuedBytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
  }

  function handOver(): void {
    if (handling || stopped || queued.length === 0) return;
    const records = queued;
    queued = [];
    queuedBytes = 0;
    handedOver = nextOffset;
    handling = true;
    options.onHandling(handle(records));
    options.onTaken();
  }

  async function handle(records: readonly ConsumedRecord[]): Promise<void> {
    try {
      await options.onRecords(records);
    } catch (error) {
      stop();
      options.onFailed(error);
    }
    handling = false;
    handOver();
  }

  function stop(): void {
    stopped = true;
    queued = [];
  }

  return {
    partition: options.partition,
    add,
    handOver,
    stop,
    isFull: () => queued.length >= maxQueuedRecords || queuedBytes >= maxQueuedBytes,
    hasHandedOver: (offset) => firstOffset !== undefined && offset > firstOffset && offset <= handedOver,
  };
}
