import type { Logger, ProcessedPosition } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import { PusherError } from '@preservarium/core';
import type { PartitionQueue } from './partition-queue.js';

const commitTimeoutMs = 5_000;
const commitEveryMs = 500;

export interface OffsetCommitsOptions {
  readonly groupId: string;
  readonly logger: Logger;
  /** The partitions of the subscription. */
  queues(): readonly PartitionQueue[];
  /** Rejects if nothing may be committed. */
  check(): Promise<void>;
  /** Sends positions to the brokers; rejects with a coded error. */
  send(positions: readonly ProcessedPosition[]): Promise<void>;
}

/** The check runs as often where nothing is to be committed. */
const checkEveryMs = 5_000;

/** Commits what is marked as processed, twice a second until it is stopped. */
export interface OffsetCommits {
  /** Resolves once the brokers have what was marked before the call. Commits follow one another: none overtakes another, and one at most waits. */
  commit(): Promise<void>;
  /** Does the same and never rejects: a failure is logged, and the next commit sends the positions again. */
  commitOrLog(): Promise<void>;
  /** Does the same, and tries again for so long before it logs a failure. */
  commitLast(options: { readonly timeoutMs: number }): Promise<void>;
  stop(): void;
}

/** Starts to commit the positions of the queues. */
export function startOffsetCommits({
  groupId,
  logger,
  queues,
  check,
  send,
}: OffsetCommitsOptions): OffsetCommits {
  let checkedAtMs = performance.now();
  /** The commit in flight, and the one that follows it: it has all that is marked before it begins, so there is never a third. */
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function commitDue(): Promise<void> {
    const due = queues().flatMap((queue) => {
      const nextOffset = queue.dueOffset();
      return nextOffset === undefined ? [] : [{ queue, nextOffset }];
    });
    if (due.length === 0 && performance.now() - checkedAtMs < checkEveryMs) return;
    checkedAtMs = performance.now();
    await withDeadline(check(), {
      doing: `read the offsets of group "${groupId}"`,
      timeoutMs: commitTimeoutMs,
    });
    if (due.length === 0) return;
    const positions = due.map(({ queue: { topic, partition }, nextOffset }) => ({
      topic,
      partition,
      nextOffset,
    }));
    await withDeadline(send(positions), {
      doing: `commit offsets of group "${groupId}"`,
      timeoutMs: commitTimeoutMs,
    });
    for (const { queue, nextOffset } of due) queue.committed(nextOffset);
  }

  function commit(): Promise<void> {
    if (next !== undefined) return next;
    if (running === undefined) return start();
    next = running.then(start, start);
    return next;
  }

  function start(): Promise<void> {
    next = undefined;
    running = commitDue().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function commitOrLog(): Promise<void> {
    await commitLast({ timeoutMs: 0 });
  }

  async function commitLast({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    const giveUpAtMs = performance.now() + timeoutMs - commitEveryMs;
    try {
      for (;;) {
        try {
          return await commit();
        } catch (error) {
          const mayPass = PusherError.isInstance(error) && error.retryable;
          if (!mayPass || performance.now() >= giveUpAtMs) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, commitEveryMs));
      }
    } catch (error) {
      logger.warn({ err: error, groupId }, 'cannot commit offsets; their records may be delivered again');
    }
  }

  const timer = setInterval(() => void commitOrLog(), commitEveryMs);
  return { commit, commitOrLog, commitLast, stop: () => clearInterval(timer) };
}
