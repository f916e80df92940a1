import type { TopicPartition } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import { BackendUnavailableError } from '@preservarium/core';
import type { PartitionQueue } from './partition-queue.js';
import { toPusherError } from './to-pusher-error.js';

export const commitTimeoutMs = 5_000;

export interface OffsetCommits {
  /** Resolves once the brokers have what was settled before; one commit after the other, so that none overtakes another. */
  commit(): Promise<void>;
}

interface OffsetCommitsOptions {
  readonly groupId: string;
  /** The partitions of the subscription, each of which knows what is settled of it. */
  readonly queues: ReadonlyMap<string, PartitionQueue>;
  send(positions: readonly (TopicPartition & { readonly nextOffset: number })[]): Promise<void>;
}

export function createOffsetCommits({ groupId, queues, send }: OffsetCommitsOptions): OffsetCommits {
  let committing: Promise<void> = Promise.resolve();

  async function commitSettled(): Promise<void> {
    const due = [...queues.values()].flatMap((queue) => {
      const nextOffset = queue.dueOffset();
      return nextOffset === undefined ? [] : [{ queue, nextOffset }];
    });
    if (due.length === 0) return;
    const positions = due.map(({ queue: { topic, partition }, nextOffset }) => ({
      topic,
      partition,
      nextOffset,
    }));
    try {
      await withDeadline(send(positions), { doing: 'commit offsets', timeoutMs: commitTimeoutMs });
    } catch (cause) {
      // While the group rebalances the brokers refuse commits; they take them again after it.
      const otherwise = (message: string) => new BackendUnavailableError(message, { cause });
      throw toPusherError(cause, { doing: `commit offsets of group "${groupId}"`, otherwise });
    }
    for (const { queue, nextOffset } of due) queue.committed(nextOffset);
  }

  return {
    commit() {
      committing = committing.then(commitSettled, commitSettled);
      return committing;
    },
  };
}
