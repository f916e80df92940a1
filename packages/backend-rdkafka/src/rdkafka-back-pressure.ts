import type { TopicPartition } from '@preservarium/backend';
import { type GroupMemberCallbacks, type PartitionQueue, partitionId } from '@preservarium/backend-kit';
import { settledWithin } from '@preservarium/concurrency';
import type { KafkaConsumer, Message } from 'node-rdkafka';
import { toRecord } from './to-record.js';

/** A partition whose queue is full for longer is paused, so that the others go on. */
const patienceMs = 50;

/** The offset at which a partition ends. */
export interface PartitionEnd extends TopicPartition {
  readonly offset: number;
}

/** Moves what is polled to the queues of its partitions, and pauses the partitions of full queues. */
export interface BackPressure {
  /** Resolves when more can be polled. */
  take(messages: readonly Message[], ends: readonly PartitionEnd[]): Promise<void>;
  /** Call it for partitions before the client unassigns them. */
  release(): void;
}

/** Returns the back pressure of one consumer. */
export function createBackPressure(
  consumer: Pick<KafkaConsumer, 'pause' | 'resume'>,
  queueOf: GroupMemberCallbacks['queueOf'],
): BackPressure {
  const paused = new Map<string, TopicPartition>();
  /** By partition, the offset after the last record that came. */
  const nextOffsets = new Map<string, number>();

  async function take(messages: readonly Message[], ends: readonly PartitionEnd[]): Promise<void> {
    const touched = new Set<PartitionQueue>();
    for (const message of messages) {
      const queue = queueOf(message);
      if (queue === undefined) continue;
      const id = partitionId(message);
      // After a pause, the client may start again with a record that came already.
      if (message.offset < (nextOffsets.get(id) ?? 0)) continue;
      nextOffsets.set(id, message.offset + 1);
      queue.add(toRecord(message));
      touched.add(queue);
    }
    for (const end of ends) {
      const queue = queueOf(end);
      if (queue === undefined) continue;
      queue.reached(end.offset);
      touched.add(queue);
    }
    for (const queue of touched) void queue.handOver();
    const full = [...touched].filter((queue) => queue.isFull());
    if (full.length > 0) await pauseUnlessTaken(full);
  }

  /** The client drops the fetched records of a partition that is paused, so waiting a little before is worth it. */
  async function pauseUnlessTaken(full: readonly PartitionQueue[]): Promise<void> {
    if (await settledWithin(Promise.all(full.map((queue) => queue.taken())), patienceMs)) return;
    for (const queue of full) {
      const { topic, partition } = queue;
      const id = partitionId(queue);
      if (!queue.isFull() || paused.has(id)) continue;
      paused.set(id, { topic, partition });
      consumer.pause([{ topic, partition }]);
      void queue.taken().then(() => resume(id));
    }
  }

  function resume(id: string): void {
    const partition = paused.get(id);
    paused.delete(id);
    if (partition !== undefined) consumer.resume([partition]);
  }

  return {
    take,
    release() {
      // The client keeps a pause over a rebalance: the next member to have the partition would get nothing.
      for (const id of [...paused.keys()]) resume(id);
      nextOffsets.clear();
    },
  };
}
