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
  offsets: GroupMember['offsets'];
}

interface Checked {
  readonly queue: PartitionQueue;
  /** The offset that was committed last. */
  readonly expected: number;
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
  const { groupId, logger, queues, committed, offsets } = options;
  const read = new Set<string>();
  const recreated = new Set<string>();
  let isNoticed = false;
  let noticed = Promise.withResolvers<SubscriptionFailedError>();

  async function check(): Promise<void> {
    const checked = queues().map((queue) => ({ queue, expected: queue.committedOffset() }));
    if (checked.length === 0) return;
    const found = await committed(checked.map(({ queue: { topic, partition } }) => ({ topic, partition })));
    const suspected = checked.filter(({ queue, expected }) => {
      const offset = found.get(partitionId(queue));
      return offset !== undefined && offset < expected;
    });
    const topics: string[] = [];
    for (const topic of new Set(suspected.map(({ queue }) => queue.topic))) {
      if (await isConfirmed(topic, suspected)) topics.push(topic);
    }
    if (topics.length === 0) return;
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

  /** A second look by another request: an answer of a broker that has just learned of the group or of the topic may be incomplete. */
  async function isConfirmed(topic: string, suspected: readonly Checked[]): Promise<boolean> {
    const found = new Map((await offsets(topic)).map((facts) => [facts.partition, facts]));
    const current = new Set(queues());
    return suspected.some(({ queue, expected }) => {
      const facts = queue.topic === topic && current.has(queue) ? found.get(queue.partition) : undefined;
      return facts !== undefined && (facts.committedOffset ?? -1) < expected;
    });
  }

  return {
    noticed: () => noticed.promise,
    check,
    wasRead: (topic) => read.has(topic),
    mark(assigned) {
      const marked = assigned.map((partition) =>
        recreated.has(partition.topic)
          ? { ...partition, isNewTopic: true, readFrom: partition.nextOffset }
          : partition,
      );
      for (const { topic } of assigned) read.add(topic);
      recreated.clear();
      isNoticed = false;
      return marked;
    },
  };
}
