import type {
  AssignedPartition,
  ProcessedPosition,
  SubscribeOptions,
  TopicPartition,
} from '@preservarium/backend';
import { partitionId } from './partition-id.js';
import { createPartitionQueue, type PartitionQueue } from './partition-queue.js';

export interface AssignedPartitionsOptions {
  readonly subscribe: Pick<SubscribeOptions, 'onRecords' | 'onCaughtUp'>;
  /** `onRecords` or `onCaughtUp` failed. */
  onFailure(error: unknown): void;
}

/** The partitions of a subscription, with a queue for each. Calls of `onRecords` outlive an assignment and a member. */
export interface AssignedPartitions {
  assign(partitions: readonly AssignedPartition[]): void;
  queueOf(partition: TopicPartition): PartitionQueue | undefined;
  /** Returns all partitions with their queues. */
  queues(): readonly PartitionQueue[];
  markProcessed(position: ProcessedPosition): void;
  /** Hands over nothing more; positions can still be marked and committed. */
  stop(): void;
  /** Forgets all partitions: positions that are marked later are ignored. */
  clear(): void;
  /** Resolves when no call of `onRecords` is in flight. */
  idle(): Promise<void>;
}

/** Returns the partitions of a subscription, at first none. */
export function createAssignedPartitions(options: AssignedPartitionsOptions): AssignedPartitions {
  const { subscribe, onFailure } = options;
  const queues = new Map<string, PartitionQueue>();
  const inFlight = new Map<string, Promise<void>>();

  function createQueue(
    { topic, partition, nextOffset, readFrom }: AssignedPartition,
    id: string,
  ): PartitionQueue {
    return createPartitionQueue({
      topic,
      partition,
      nextOffset,
      readFrom,
      after: inFlight.get(id),
      onRecords: subscribe.onRecords,
      onCaughtUp: subscribe.onCaughtUp,
      onHandling(handling) {
        inFlight.set(id, handling);
        void handling.then(() => {
          if (inFlight.get(id) === handling) inFlight.delete(id);
        });
      },
      onFailure,
    });
  }

  return {
    assign(partitions) {
      for (const assigned of partitions) {
        const id = partitionId(assigned);
        queues.set(id, createQueue(assigned, id));
      }
    },
    queueOf: (partition) => queues.get(partitionId(partition)),
    queues: () => [...queues.values()],
    markProcessed: (position) => queues.get(partitionId(position))?.markProcessed(position.nextOffset),
    stop() {
      for (const queue of queues.values()) queue.stop();
    },
    clear: () => queues.clear(),
    async idle() {
      await Promise.all(inFlight.values());
    },
  };
}
