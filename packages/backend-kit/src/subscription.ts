import type {
  AssignedPartition,
  Logger,
  SubscribeOptions,
  Subscription,
  TopicPartition,
} from '@preservarium/backend';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { ClosedError, type PusherError, SubscriptionFailedError } from '@preservarium/core';
import { createAssignedPartitions } from './assigned-partitions.js';
import { createBlockedPartitions } from './blocked-partitions.js';
import { callbackFailed } from './callback-failed.js';
import type { GroupMember, GroupMemberCallbacks, MemberFailure } from './group-member.js';
import { startOffsetCommits } from './offset-commits.js';
import { createRecreatedTopics } from './recreated-topics.js';
import { createRestartBudget, firstPauseMs } from './restart-budget.js';
import { startPositions } from './start-positions.js';

const joinTimeoutMs = 60_000;
/** Shorter than the session of kafkajs, within which the member has to commit and to be back in its group. */
const revokeTimeoutMs = 25_000;
/** For ending after a failure, where nobody gives a deadline. */
const failureTimeoutMs = 5_000;
/** The end of a deadline, kept for the last commit and for leaving the group. */
const leavingMs = 2_000;

export interface OpenSubscriptionOptions {
  readonly subscribe: SubscribeOptions;
  readonly logger: Logger;
  /** Starts a member; called again for each replacement. */
  join(callbacks: GroupMemberCallbacks): GroupMember;
}

interface Failure {
  readonly error: unknown;
}

export interface OpeningSubscription extends Subscription {
  /** Resolves once the member has joined its group; rejects as `subscribe` does. */
  readonly joined: Promise<void>;
}

/**
 * Returns a subscription that joins its group, supervised until it ends: it is the contract of `Subscription` for every Kafka
 * client. A member that breaks is replaced by a new one, as often as the budget of restarts allows.
 */
export function openSubscription({ subscribe, logger, join }: OpenSubscriptionOptions): OpeningSubscription {
  const { groupId } = subscribe;
  /** `active` from an assignment until the next revocation. */
  let state: 'joining' | 'active' | 'ending' = 'joining';
  const budget = createRestartBudget();
  /** Resolves when the subscription starts to end, with the failure that ends it, if any. */
  const ending = Promise.withResolvers<Failure | undefined>();
  /** Resolves after the last commit, before the member leaves. */
  const drained = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let ended: Promise<void> | undefined;
  let revoking: Promise<void> | undefined;
  let rejoining = Promise.withResolvers<void>();
  /** The newest assignment, until it is revoked. */
  let current: symbol | undefined;

  const partitions = createAssignedPartitions({ subscribe, onFailure: (error) => void end({ error }) });
  const blocked = createBlockedPartitions({ groupId, partitions, logger });
  const recreated = createRecreatedTopics({
    groupId,
    logger,
    queues: partitions.queues,
    committed: (of) => member.committed(of),
    offsets: (topic) => member.offsets(topic),
  });
  const commits = startOffsetCommits({
    groupId,
    logger,
    queues: partitions.queues,
    check: recreated.check,
    send: (positions) => member.commit(positions),
  });

  // The callbacks of a member

  function startMember(): GroupMember {
    return join({ onAssigned, revokeAll, queueOf, onBlocked: blocked.note });
  }

  function queueOf(partition: TopicPartition) {
    return state === 'active' ? partitions.queueOf(partition) : undefined;
  }

  async function onAssigned(
    assigned: readonly TopicPartition[],
  ): Promise<readonly AssignedPartition[] | undefined> {
    const assignment = Symbol('assignment');
    current = assignment;
    const isStale = () => current !== assignment || isEnding();
    const reader = member;
    const { commit } = member;
    const starting = startPositions({
      subscribe,
      assigned,
      reader,
      logger,
      commit,
      isStale,
      wasRead: recreated.wasRead,
    });
    let starts: readonly AssignedPartition[] | undefined;
    try {
      starts = await Promise.race([starting, ending.promise.then(() => undefined)]);
    } catch (error) {
      if (!isStale()) throw error;
    }
    if (starts === undefined || isStale()) return undefined;
    state = 'active';
    starts = recreated.mark(starts);
    partitions.assign(starts);
    if (starts.length > 0) callOnAssigned(starts);
    return starts;
  }

  function callOnAssigned(starts: readonly AssignedPartition[]): void {
    try {
      subscribe.onAssigned?.(starts);
    } catch (cause) {
      void end({ error: callbackFailed('onAssigned', cause) });
    }
  }

  function revokeAll(): Promise<void> {
    revoking ??= revokeEach().finally(() => {
      revoking = undefined;
    });
    return revoking;
  }

  async function revokeEach(): Promise<void> {
    if (isEnding()) {
      await settledWithin(drained.promise, revokeTimeoutMs);
      return;
    }
    state = 'joining';
    current = undefined;
    const revoked = partitions.queues().map(({ topic, partition }) => ({ topic, partition }));
    if (revoked.length === 0) return;
    partitions.stop();
    await callOnRevoked(revoked);
    await commits.commitOrLog();
    partitions.clear();
  }

  async function callOnRevoked(revoked: readonly TopicPartition[]): Promise<void> {
    try {
      const answer = Promise.race([subscribe.onRevoked?.(revoked), drained.promise]);
      if (await settledWithin(answer, revokeTimeoutMs)) return await answer;
      logger.warn(
        { groupId, timeoutMs: revokeTimeoutMs },
        'onRevoked did not resolve in time; records that are not marked as processed are delivered again',
      );
    } catch (cause) {
      void end({ error: callbackFailed('onRevoked', cause) });
    }
  }

  // Joining and restarting

  /** A coordinator may be starting or moving: the first join is tried again until the deadline while the failure is transient. */
  async function joinFirst(): Promise<void> {
    const deadlineAtMs = Date.now() + joinTimeoutMs;
    for (;;) {
      const failure = await joinOutcome(deadlineAtMs - Date.now());
      if (isEnding()) throw await endError();
      if (failure === undefined) return;
      const { error, wasConnected } = failure;
      if (!error.retryable || !wasConnected || Date.now() + firstPauseMs > deadlineAtMs) {
        await end({ error });
        throw error;
      }
      await member.leave({ timeoutMs: 0 });
      await settledWithin(ending.promise, firstPauseMs);
      if (isEnding()) throw await endError();
      member = startMember();
    }
  }

  async function joinOutcome(timeoutMs: number): Promise<MemberFailure | undefined> {
    const joined = Promise.race([member.joined, ending.promise]).then(() => undefined);
    try {
      return await withDeadline(Promise.race([joined, member.broken]), {
        doing: `join group "${groupId}"`,
        timeoutMs,
      });
    } catch (error) {
      return { error: error as PusherError, wasConnected: true };
    }
  }

  /** Replaces a member that broke, or is to join again, until the subscription ends. */
  async function supervise(): Promise<void> {
    for (;;) {
      const { error, leaveMs } = await Promise.race([
        member.broken.then((failure) => ({ ...failure, leaveMs: 0 })),
        recreated.noticed().then((error) => ({ error, leaveMs: failureTimeoutMs })),
        rejoining.promise.then(() => ({ error: undefined, leaveMs: failureTimeoutMs })),
      ]);
      if (isEnding()) return;
      if (error !== undefined) logger.warn({ err: error, groupId }, 'the consumer broke');
      rejoining = Promise.withResolvers();
      await revokeAll();
      await member.leave({ timeoutMs: leaveMs });
      if (error !== undefined) {
        const pauseMs = mayRecover(error) ? budget.nextPauseMs() : undefined;
        if (pauseMs === undefined)
          return end({ error: isMistake(error) ? error : restartFailed(groupId, error) });
        await settledWithin(ending.promise, pauseMs);
      }
      if (isEnding()) return;
      member = startMember();
    }
  }

  // Ending

  function isEnding(): boolean {
    return state === 'ending';
  }

  async function endError(): Promise<unknown> {
    const failure = await ending.promise;
    return failure === undefined ? new ClosedError('the subscription') : failure.error;
  }

  /** Ends the subscription, after `close` without a failure. Only the first call counts. */
  function end(failure: Failure | undefined, timeoutMs = failureTimeoutMs): Promise<void> {
    ended ??= shutDown(failure, timeoutMs);
    return ended;
  }

  async function shutDown(failure: Failure | undefined, endTimeoutMs: number): Promise<void> {
    const deadlineAtMs = Date.now() + endTimeoutMs;
    state = 'ending';
    ending.resolve(failure);
    commits.stop();
    partitions.stop();
    await settledWithin(partitions.idle(), endTimeoutMs - Math.min(leavingMs, endTimeoutMs / 2));
    const timeoutMs = deadlineAtMs - Date.now();
    await settledWithin(commits.commitLast({ timeoutMs }), timeoutMs);
    partitions.clear();
    drained.resolve();
    await member.leave({ timeoutMs: Math.max(0, deadlineAtMs - Date.now()) });
    if (failure === undefined) closed.resolve();
    else closed.reject(failure.error);
  }

  // Handled here: an application need not watch `closed`.
  closed.promise.catch((error) => logger.error({ err: error, groupId }, 'the subscription ended'));
  let member = startMember();
  const joined = joinFirst();
  joined.then(supervise, () => {});
  return {
    joined,
    markProcessed: partitions.markProcessed,
    commit: commits.commit,
    rejoin: () => rejoining.resolve(),
    isConnected: () => !isEnding() && member.isConnected(),
    blocked: blocked.list,
    closed: closed.promise,
    close: ({ timeoutMs }) => end(undefined, timeoutMs),
  };
}

/** A topic may be unknown to a broker that is starting; the next member reads passwords and certificates that were renewed. */
function mayRecover({ retryable, code }: PusherError): boolean {
  return retryable || ['AUTHENTICATION_FAILED', 'SUBSCRIPTION_FAILED', 'TOPIC_UNKNOWN'].includes(code);
}

/** The subscription was opened with an option that does not fit: its error says which one. */
function isMistake({ code }: PusherError): boolean {
  return code === 'CONFIGURATION_INVALID';
}

function restartFailed(groupId: string, cause: PusherError): SubscriptionFailedError {
  return new SubscriptionFailedError(
    `the subscription of group "${groupId}" ended: its client broke and could not be replaced: ${cause.message}`,
    { cause },
  );
}
