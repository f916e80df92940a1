import { setTimeout as sleep } from 'node:timers/promises';
import { BackendUnavailableError, SubscriptionFailedError } from '@preservarium/core';
import {
  type ConsumedRecord,
  type KafkaSettings,
  type SubscribeOptions,
  type Subscription,
  silentLogger,
  type TopicPartition,
} from '@preservarium/publisher';
import { type GroupMember, joinGroup, sessionTimeoutMs } from './group-member.js';
import { toPusherError } from './to-pusher-error.js';
import { settledWithin, withDeadline } from './with-deadline.js';

const commitEveryMs = 500;
const commitTimeoutMs = 5_000;
/** Shorter than the session, in which the member has to be back in the group. */
const revokeTimeoutMs = sessionTimeoutMs - commitTimeoutMs;
const joinTimeoutMs = 60_000;
const restartBudget = { restarts: 5, withinMs: 5 * 60_000 };
const restartPauseMs = 500;
const hopeless = new Set([
  'AUTHENTICATION_FAILED',
  'AUTHORIZATION_FAILED',
  'CONFIGURATION_INVALID',
  'TOPIC_UNKNOWN',
]);

/** How far a partition is that this subscription has now. */
interface Position extends TopicPartition {
  /** The offset after the last record that was handed over. */
  handedOver: number;
  settled: number;
  committed: number;
}

/** Resolves when the subscription has joined its group. It joins anew when the client crashes, as often as the budget allows. */
export async function openSubscription(
  settings: KafkaSettings,
  options: SubscribeOptions,
): Promise<Subscription> {
  const { logger = silentLogger } = settings;
  const { topics, groupId } = options;
  const closed = Promise.withResolvers<void>();
  const positions = new Map<string, Position>();
  const underWay = new Map<string, Promise<void>>();
  const restartsAtMs: number[] = [];
  let member: GroupMember;
  let state: 'open' | 'rebalancing' | 'ending' = 'rebalancing';
  let committing: Promise<void> = Promise.resolve();

  function onAssigned(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      positions.set(nameOf({ topic, partition }), {
        topic,
        partition,
        handedOver: 0,
        settled: 0,
        committed: 0,
      });
    }
    if (state === 'rebalancing') state = 'open';
    if (partitions.length > 0) options.onAssigned?.(partitions);
  }

  async function giveUpPartitions(): Promise<void> {
    if (state === 'open') state = 'rebalancing';
    if (positions.size === 0) return;
    const partitions = [...positions.values()].map(({ topic, partition }) => ({ topic, partition }));
    if (options.onRevoked !== undefined) await settledWithin(options.onRevoked(partitions), revokeTimeoutMs);
    await commitOrLog();
    positions.clear();
  }

  function onRecords(records: readonly ConsumedRecord[]): Promise<void> | undefined {
    const [first] = records;
    if (state !== 'open' || first === undefined) return undefined;
    const name = nameOf(first);
    const position = positions.get(name);
    if (position === undefined) return undefined;
    const delivery = deliver(records, name, position);
    underWay.set(name, delivery);
    return delivery;
  }

  async function deliver(
    records: readonly ConsumedRecord[],
    name: string,
    position: Position,
  ): Promise<void> {
    // After a rebalance the application may still have records of the same partition from before it.
    await underWay.get(name);
    if (state !== 'open' || positions.get(name) !== position) return;
    position.handedOver = (records.at(-1) as ConsumedRecord).offset + 1;
    try {
      await options.onRecords(records);
    } catch (error) {
      void end(error);
    }
  }

  function settle({ topic, partition, nextOffset }: TopicPartition & { readonly nextOffset: number }): void {
    const position = positions.get(nameOf({ topic, partition }));
    // What is settled after a revoke belongs to another member, or was handed over again.
    if (position === undefined || nextOffset > position.handedOver) return;
    position.settled = Math.max(position.settled, nextOffset);
  }

  /** One commit after the other, so that none overtakes another. */
  function commit(): Promise<void> {
    const next = committing.then(commitSettled, commitSettled);
    committing = next;
    return next;
  }

  async function commitSettled(): Promise<void> {
    const due = [...positions.values()].filter(({ settled, committed }) => settled > committed);
    if (due.length === 0) return;
    const offsets = due.map(({ topic, partition, settled }) => ({ topic, partition, nextOffset: settled }));
    try {
      await withDeadline(member.commit(offsets), commitTimeoutMs, commitTimedOut);
    } catch (cause) {
      throw toPusherError(cause, { doing: `commit for group "${groupId}"`, otherwise: retryLater });
    }
    due.forEach((position, index) => {
      position.committed = offsets[index]?.nextOffset ?? position.committed;
    });
  }

  async function commitOrLog(): Promise<void> {
    try {
      await commit();
    } catch (error) {
      logger.warn({ err: error, groupId }, 'offsets are not committed; their records may be delivered again');
    }
  }

  const committer = setInterval(() => void (state === 'open' && commitOrLog()), commitEveryMs);

  function join(): GroupMember {
    return joinGroup(settings, { ...options, onRecords, onAssigned, beforeJoin: giveUpPartitions });
  }

  /** The group's coordinator may be starting or moving: a failure that may pass is tried again until the deadline. */
  async function joinFirst(): Promise<void> {
    const deadlineAtMs = Date.now() + joinTimeoutMs;
    for (;;) {
      member = join();
      try {
        await withDeadline(member.joined, deadlineAtMs - Date.now(), joinTimedOut);
        return;
      } catch (cause) {
        const error = failure(cause);
        if (!error.retryable || Date.now() + restartPauseMs > deadlineAtMs) {
          await end(error);
          throw error;
        }
      }
      await sleep(restartPauseMs);
    }
  }

  function joinTimedOut(): BackendUnavailableError {
    return new BackendUnavailableError(`could not join group "${groupId}" within ${joinTimeoutMs} ms`);
  }

  /** Replaces a member that crashed; ends when the subscription does. */
  async function supervise(): Promise<void> {
    for (;;) {
      const cause = await member.crashed;
      if (state === 'ending') return;
      logger.warn({ err: cause, groupId }, 'the consumer stopped; joining the group anew');
      state = 'rebalancing';
      await giveUpPartitions();
      const error = failure(cause);
      if (hopeless.has(error.code) || !mayRestart()) {
        await end(
          new SubscriptionFailedError(`the subscription of group "${groupId}" stopped: ${error.message}`, {
            cause,
          }),
        );
        return;
      }
      await sleep(restartPauseMs * 2 ** restartsAtMs.length);
      if (isEnding()) return;
      member = join();
    }
  }

  function isEnding(): boolean {
    return state === 'ending';
  }

  function mayRestart(): boolean {
    const now = Date.now();
    const recent = restartsAtMs.filter((atMs) => now - atMs < restartBudget.withinMs);
    restartsAtMs.splice(0, Infinity, ...recent, now);
    return recent.length < restartBudget.restarts;
  }

  function failure(cause: unknown) {
    const [topic] = topics;
    return toPusherError(cause, {
      doing: `consume as group "${groupId}"`,
      ...(topic === undefined ? {} : { topic }),
      otherwise: (message, causes) => new SubscriptionFailedError(message, causes),
    });
  }

  /** The one way to the end: for `close`, without an error, and for what makes it impossible to go on. */
  let ended: Promise<void> | undefined;
  function end(error: unknown, timeoutMs = commitTimeoutMs): Promise<void> {
    ended ??= shutDown(timeoutMs).then(() => {
      if (error === undefined) return closed.resolve();
      logger.error({ err: error, groupId }, 'the subscription ended');
      closed.reject(error);
    });
    return ended;
  }

  async function shutDown(timeoutMs: number): Promise<void> {
    const deadlineAtMs = Date.now() + timeoutMs;
    state = 'ending';
    clearInterval(committer);
    await settledWithin(Promise.all(underWay.values()), timeoutMs - leaveTimeoutMs(timeoutMs));
    await settledWithin(commitOrLog(), deadlineAtMs - Date.now());
    positions.clear();
    await member.leave({ timeoutMs: deadlineAtMs - Date.now() });
  }

  closed.promise.catch(() => {
    // It is logged where it is rejected; an application need not wait for `closed`.
  });

  await joinFirst();
  void supervise();

  return { settle, commit, closed: closed.promise, close: ({ timeoutMs }) => end(undefined, timeoutMs) };
}

/** A part of the deadline of `close` is kept for committing and leaving. */
function leaveTimeoutMs(timeoutMs: number): number {
  return Math.min(2_000, timeoutMs / 2);
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}

function commitTimedOut(): BackendUnavailableError {
  return new BackendUnavailableError(`cannot commit: no answer within ${commitTimeoutMs} ms`);
}

/** Commits fail while the group rebalances; the next one is made by the member's new generation. */
function retryLater(message: string, options: { readonly cause: unknown }): BackendUnavailableError {
  return new BackendUnavailableError(message, options);
}
