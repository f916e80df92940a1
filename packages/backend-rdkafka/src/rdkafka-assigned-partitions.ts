import type { SubscribeOptions, TopicPartition } from '@preservarium/publisher';
import type { KafkaConsumer, Message } from 'node-rdkafka';
import { partitionId } from './offset-commits.js';
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

/** The partitions of a member from when they are assigned until they are revoked: queues what comes, and pauses the full. */
export interface AssignedPartitions {
  add(partitions: readonly TopicPartition[]): void;
  take(messages: readonly Message[]): void;
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

  function createQueue(partition: TopicPartition, id: string): PartitionQueue {
    return createPartitionQueue({
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
      },
      onFailed,
    });
  }

  function take(messages: readonly Message[]): void {
    const touched = new Map<string, TopicPartition>();
    for (const message of messages) {
      const { topic, partition } = message;
      const id = partitionId(message);
      queues.get(id)?.add(toRecord(message));
      touched.set(id, { topic, partition });
    }
    for (const [id, partition] of touched) {
      const queue = queues.get(id);
      queue?.handOver();
      if (!queue?.isFull() || paused.has(id)) continue;
      paused.set(id, partition);
      consumer.pause([partition]);
    }
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
