import {
  type ConsumedRecord,
  type KafkaOptions,
  type SubscribeOptions,
  type Subscription,
  silentLogger,
  type TopicPartition,
} from '@preservarium/backend';
import { partitionId } from '@preservarium/backend-kit';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { ClosedError, type PusherError, SubscriptionFailedError } from '@preservarium/core';
import { type GroupMember, joinGroup, sessionTimeoutMs } from './group-member.js';
import { commitTimeoutMs, createOffsetCommits } from './offset-commits.js';
import { createPartitionQueue, type PartitionQueue } from './partition-queue.js';
import { toPusherError } from './to-pusher-error.js';

const commitEveryMs = 500;
/** Shorter than the session, in which the member has to be back in the group. */
const revokeTimeoutMs = sessionTimeoutMs - commitTimeoutMs;
const joinTimeoutMs = 60_000;
const firstPauseMs = 500;
const restartBudget = { restarts: 5, withinMs: 5 * 60_000 };

interface Lifecycle {
  /** `handing over` between an assignment and the next revoke. */
  state: 'joining' | 'handing over' | 'ending';
}

export interface OpeningSubscription extends Subscription {
  /** Resolves when it has joined its group. */
  readonly joined: Promise<void>;
}

/**
 * A subscription that joins its group, from now until it is closed. A member that crashes or falls silent is replaced by a new one, as
 * often as the budget of restarts allows.
 */
export function openSubscription(
  settings: KafkaOptions,
  options: SubscribeOptions,
  join: typeof joinGroup = joinGroup,
): OpeningSubscription {
  const { logger = silentLogger } = settings;
  const { groupId } = options;
  const lifecycle: Lifecycle = { state: 'joining' };
  const closed = Promise.withResolvers<void>();
  const queues = new Map<string, PartitionQueue>();
  /** Calls of `onRecords` by partition; they outlive an assignment and a member. */
  const underWay = new Map<string, Promise<void>>();
  let restartsAtMs: readonly number[] = [];
  let ended: Promise<void> | undefined;

  const { commit } = createOffsetCommits({
    groupId,
    queues,
    send: (positions) => member.commit(positions),
  });

  function joinAsMember(): GroupMember {
    return join(settings, { ...options, onRecords, onAssigned, beforeJoin: giveUpPartitions });
  }

  function onAssigned(partitions: readonly TopicPartition[]): void {
    if (lifecycle.state === 'ending') return;
    lifecycle.state = 'handing over';
    for (const assigned of partitions) {
      const queue = createPartitionQueue({
        ...assigned,
        startsAtEnd: options.from === 'end',
        after: underWay.get(partitionId(assigned)),
        onRecords: options.onRecords,
        onFailure: (error) => void end({ error }),
      });
      queues.set(partitionId(assigned), queue);
    }
    if (partitions.length > 0) options.onAssigned?.(partitions);
  }

  function onRecords(records: readonly ConsumedRecord[]): Promise<void> | undefined {
    const [first] = records;
    if (first === undefined || lifecycle.state !== 'handing over') return undefined;
    const name = partitionId(first);
    const done = queues.get(name)?.add(records);
    if (done !== undefined) underWay.set(name, done);
    return done;
  }

  async function giveUpPartitions(): Promise<void> {
    if (lifecycle.state === 'handing over') lifecycle.state = 'joining';
    if (queues.size === 0) return;
    closeQueues();
    const partitions = [...queues.values()].map(({ topic, partition }) => ({ topic, partition }));
    try {
      await withDeadline(Promise.resolve(options.onRevoked?.(partitions)), {
        doing: 'wait for onRevoked',
        timeoutMs: revokeTimeoutMs,
        timedOut: revokeTimedOut,
      });
    } catch (error) {
      logger.warn({ err: error, groupId }, 'onRevoked failed; what is not settled is delivered again');
    }
    await commitOrLog();
    queues.clear();
  }

  function closeQueues(): void {
    for (const queue of queues.values()) queue.close();
  }

  function settle(position: TopicPartition & { readonly nextOffset: number }): void {
    queues.get(partitionId(position))?.settle(position.nextOffset);
  }

  async function commitOrLog(): Promise<void> {
    try {
      await commit();
    } catch (error) {
      logger.warn({ err: error, groupId }, 'offsets are not committed; their records may be delivered again');
    }
  }

  /** The group's coordinator may be starting or moving: a failure that may pass is tried again until the deadline. */
  async function joinFirst(): Promise<void> {
    const deadlineAtMs = Date.now() + joinTimeoutMs;
    for (;;) {
      const outcome = Promise.race([member.joined, member.crashed, closed.promise]);
      const deadline = { doing: `join group "${groupId}"`, timeoutMs: deadlineAtMs - Date.now() };
      const cause = await withDeadline(outcome, deadline).catch((late) => late);
      if (ended !== undefined) throw new ClosedError('the subscription');
      if (cause === undefined) return;
      const error = toCodedError(cause);
      if (!error.retryable || Date.now() + firstPauseMs > deadlineAtMs) {
        await end({ error });
        throw error;
      }
      await settledWithin(closed.promise, firstPauseMs);
      if (ended !== undefined) throw new ClosedError('the subscription');
      member = joinAsMember();
    }
  }

  /** Replaces a member that crashed, until the subscription ends. */
  async function supervise(): Promise<void> {
    for (;;) {
      const cause = await member.crashed;
      if (lifecycle.state === 'ending') return;
      logger.warn({ err: cause, groupId }, 'the consumer stopped');
      await giveUpPartitions();
      const error = toCodedError(cause);
      const pauseMs = error.retryable || error.code === 'SUBSCRIPTION_FAILED' ? nextPauseMs() : undefined;
      if (pauseMs === undefined) {
        const message = `the subscription of group "${groupId}" stopped and could not be restarted: ${error.message}`;
        await end({ error: new SubscriptionFailedError(message, { cause: error }) });
        return;
      }
      await settledWithin(closed.promise, pauseMs);
      if (ended !== undefined) return;
      member = joinAsMember();
    }
  }

  /** How long to wait before the next restart, twice as long each time; `undefined` when the budget is spent. */
  function nextPauseMs(): number | undefined {
    const now = Date.now();
    restartsAtMs = restartsAtMs.filter((atMs) => now - atMs < restartBudget.withinMs);
    if (restartsAtMs.length === restartBudget.restarts) return undefined;
    restartsAtMs = [...restartsAtMs, now];
    return firstPauseMs * 2 ** (restartsAtMs.length - 1);
  }

  function toCodedError(cause: unknown): PusherError {
    const [topic] = options.topics;
    return toPusherError(cause, {
      doing: `consume as group "${groupId}"`,
      ...(topic === undefined ? {} : { topic }),
      otherwise: (message, causes) => new SubscriptionFailedError(message, causes),
    });
  }

  function logEnd(error: unknown): void {
    logger.error({ err: error, groupId }, 'the subscription ended');
  }

  /** The one way to the end, of `close` and of every failure. */
  function end(failure: { readonly error: unknown } | undefined, timeoutMs = commitTimeoutMs): Promise<void> {
    ended ??= shutDown(timeoutMs).then(() => {
      if (failure === undefined) closed.resolve();
      else closed.reject(failure.error);
    });
    return ended;
  }

  async function shutDown(timeoutMs: number): Promise<void> {
    const deadlineAtMs = Date.now() + timeoutMs;
    lifecycle.state = 'ending';
    closeQueues();
    clearInterval(committer);
    // A part of the time is kept for committing and for leaving the group.
    await settledWithin(Promise.all(underWay.values()), timeoutMs - Math.min(2_000, timeoutMs / 2));
    await settledWithin(commitOrLog(), deadlineAtMs - Date.now());
    queues.clear();
    await member.leave({ timeoutMs: deadlineAtMs - Date.now() });
  }

  // An application need not wait for `closed` to learn of its failure.
  closed.promise.catch(logEnd);
  const committer = setInterval(() => void commitOrLog(), commitEveryMs);
  let member = joinAsMember();
  const joined = joinFirst();
  joined.then(supervise, logEnd);
  return {
    joined,
    settle,
    commit,
    isConnected: () => lifecycle.state !== 'ending' && member.isConnected(),
    closed: closed.promise,
    close: ({ timeoutMs }) => end(undefined, timeoutMs),
  };
}

function revokeTimedOut(): SubscriptionFailedError {
  return new SubscriptionFailedError(`onRevoked took longer than ${revokeTimeoutMs} ms`);
}
