import type { AssignedPartition, Logger, TopicAdmin } from '@preservarium/backend';
import { pause } from '../pause.js';
import { enlargeWaitingTopic } from './prepare-topics.js';

const retryMs = 1_000;

export interface FollowPartitionsOptions {
  readonly admin: TopicAdmin;
  readonly topics: { readonly commands: string; readonly waiting: string };
  readonly groupId: string;
  readonly logger: Logger;
  isClosing(): boolean;
}

/**
 * Returns a function that takes each assignment. Where a partition of the command topic has no counterpart, it was added while the connector ran: the
 * waiting topic is enlarged, and the next assignment has both.
 */
export function followPartitions(options: FollowPartitionsOptions) {
  const { admin, topics, groupId, logger, isClosing } = options;
  let isEnlarging = false;

  async function enlarge(): Promise<void> {
    isEnlarging = true;
    while (isEnlarging && !isClosing()) {
      try {
        const [commands, waiting] = await Promise.all(
          [topics.commands, topics.waiting].map((topic) => admin.offsets({ topic, groupId })),
        );
        const partitions = commands?.length ?? 0;
        if (partitions > (waiting?.length ?? 0))
          await enlargeWaitingTopic(admin, { topics, partitions, logger });
        isEnlarging = false;
      } catch (error) {
        logger.warn(
          { err: error, topic: topics.waiting },
          'cannot enlarge the waiting topic: the connector retries',
        );
        await pause(retryMs);
      }
    }
  }

  return (assigned: readonly AssignedPartition[]): void => {
    const partitionsOf = (of: string) =>
      new Set(assigned.filter(({ topic }) => topic === of).map(({ partition }) => partition));
    const counterparts = partitionsOf(topics.waiting);
    const isComplete = [...partitionsOf(topics.commands)].every((partition) => counterparts.has(partition));
    if (!isComplete && !isEnlarging) void enlarge();
  };
}
