import type { SubscribeOptions, TopicPartition } from '@preservarium/backend';
import { partitionId } from '@preservarium/backend-kit';
import { settledWithin } from '@preservarium/concurrency';
import type { KafkaConsumer, Message } from 'node-rdkafka';
import { createPartitionQueue, type PartitionQueue } from './partition-queue.js';
import { toRecord } from './to-record.js';

/** Calls of the handler under way, by partition. They outlive a member: the next one waits for them. */
export type HandlersUnderWay = Map<string, Promise<void>>;

export interface AssignedPartitionsOptions {
  readonly consumer: Pick<KafkaConsumer, 'pause' | 'resume'>;
  readonly onRecords: SubscribeOptions['onRecords'];
  readonly handlersUnderWay: HandlersUnderWay;
  /** `onRecords` rejected. */
  onFailed(error: unknown): void;
}

/** A partition that is full for longer is paused, so that it holds up no other. */
const patienceMs = 50;

/** The partitions of a member from when they are assigned until they are revoked: queues what comes, and pauses the full. */
export interface AssignedPartitions {
  add(partitions: readonly TopicPartition[]): void;
  /** Resolves when there is room for more. */
  take(messages: readonly Message[]): Promise<void>;
  /** Whether records up to here were handed over, so that they may be settled. */
  hasHandedOver(position: TopicPartition & { readonly nextOffset: number }): boolean;
  /** Hands nothing over any more. */
  stop(): void;
  /** Takes all of them away. */
  clear(): void;
}

export function createAssignedPartitions(options: AssignedPartitionsOptions): AssignedPartitions {
  const { consumer, onRecords, handlersUnderWay, onFailed } = options;
  const queues = new Map<string, PartitionQueue>();
  const paused = new Map<string, TopicPartition>();
  let roomForAll = Promise.withResolvers<void>();

  function createQueue(partition: TopicPartition, id: string): PartitionQueue {
    return createPartitionQueue({
      partition,
      onRecords,
      handlerFree: handlersUnderWay.get(id) ?? Promise.resolve(),
      onHandling(handling) {
        handlersUnderWay.set(id, handling);
        void handling.then(() => {
          if (handlersUnderWay.get(id) === handling) handlersUnderWay.delete(id);
        });
      },
      onTaken() {
        if (paused.delete(id)) consumer.resume([partition]);
        if (full().length === 0) roomForAll.resolve();
      },
      onFailed,
    });
  }

  async function take(messages: readonly Message[]): Promise<void> {
    const touched = new Set<string>();
    for (const message of messages) {
      const id = partitionId(message);
      queues.get(id)?.add(toRecord(message));
      touched.add(id);
    }
    for (const id of touched) queues.get(id)?.handOver();
    if (full().length > 0) await pauseFull();
  }

  /** For a paused partition, the client throws away what it has fetched already, so it is worth waiting a little before. */
  async function pauseFull(): Promise<void> {
    roomForAll = Promise.withResolvers();
    if (await settledWithin(roomForAll.promise, patienceMs)) return;
    for (const [id, partition] of full()) {
      paused.set(id, partition);
      consumer.pause([partition]);
    }
  }

  /** Those that are not paused yet. */
  function full(): [id: string, partition: TopicPartition][] {
    return [...queues].flatMap(([id, queue]) =>
      queue.isFull() && !paused.has(id) ? [[id, queue.partition] as [string, TopicPartition]] : [],
    );
  }

  return {
    add(partitions) {
      for (const { topic, partition } of partitions) {
        const id = partitionId({ topic, partition });
        queues.set(id, createQueue({ topic, partition }, id));
      }
    },
    take,
    hasHandedOver: (position) =>
      queues.get(partitionId(position))?.hasHandedOver(position.nextOffset) ?? false,
    stop() {
      for (const queue of queues.values()) queue.stop();
    },
    clear() {
      queues.clear();
      // The client keeps a pause over a rebalance: the partition would stay silent for whoever gets it next.
      if (paused.size > 0) consumer.resume([...paused.values()]);
      paused.clear();
    },
  };
}
