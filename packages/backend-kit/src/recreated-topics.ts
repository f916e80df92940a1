import type { AssignedPartition, Logger } from '@preservarium/backend';
import { SubscriptionFailedError } from '@preservarium/core';
import type { GroupMember } from './group-member.js';
import { partitionId } from './partition-id.js';
import type { PartitionQueue } from './partition-queue.js';

export interface RecreatedTopicsOptions {
  readonly groupId: string;
  readonly logger: Logger;
  /** The partitions of the subscription. */
  queues(): readonly PartitionQueue[];
  committed: GroupMember['committed'];
}

/**
 * Notices that a topic was deleted and created again. No client says so. But Kafka forgets what groups have committed of a topic that is deleted, and a
 * member has committed a position of each of its partitions: if that is gone, or lower, the topic is another one.
 */
export interface RecreatedTopics {
  /** Resolves with the error that ends the member, once a topic is noticed. */
  noticed(): Promise<SubscriptionFailedError>;
  /** Rejects if a topic was created again: nothing may be committed then. */
  check(): Promise<void>;
  /** Returns whether the subscription has read the topic before. */
  wasRead(topic: string): boolean;
  /** Notes the topics of an assignment as read, and says which of them are new since the last one. */
  mark(assigned: readonly AssignedPartition[]): readonly AssignedPartition[];
}

export function createRecreatedTopics(options: RecreatedTopicsOptions): RecreatedTopics {
  const { groupId, logger, queues, committed } = options;
  const read = new Set<string>();
  const recreated = new Set<string>();
  let isNoticed = false;
  let noticed = Promise.withResolvers<SubscriptionFailedError>();

  async function check(): Promise<void> {
    const checked = queues().map((queue) => ({ queue, expected: queue.committedOffset() }));
    if (checked.length === 0) return;
    const found = await committed(checked.map(({ queue: { topic, partition } }) => ({ topic, partition })));
    const current = new Set(queues());
    const gone = checked.filter(
      ({ queue, expected }) => current.has(queue) && (found.get(partitionId(queue)) ?? -1) < expected,
    );
    if (gone.length === 0) return;
    const topics = [...new Set(gone.map(({ queue }) => queue.topic))];
    for (const topic of topics) recreated.add(topic);
    const error = new SubscriptionFailedError(`topic "${topics.join('", "')}" was deleted and created again`);
    if (!isNoticed) {
      isNoticed = true;
      logger.error(
        { groupId, topics },
        'topics were deleted and created again: they are read from their beginning',
      );
      // Each member is ended once.
      const { resolve } = noticed;
      noticed = Promise.withResolvers();
      resolve(error);
    }
    throw error;
  }

  return {
    noticed: () => noticed.promise,
    check,
    wasRead: (topic) => read.has(topic),
    mark(assigned) {
      const marked = assigned.map((partition) => ({
        ...partition,
        isNewTopic: partition.isNewTopic || recreated.has(partition.topic),
      }));
      for (const { topic } of assigned) read.add(topic);
      recreated.clear();
      isNoticed = false;
      return marked;
    },
  };
}
