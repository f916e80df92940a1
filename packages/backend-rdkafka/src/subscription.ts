import { type SubscribeOptions, type Subscription, silentLogger } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { SubscriptionFailedError } from '@preservarium/core';
import type { ClientModule, RdkafkaOptions } from './client-options.js';
import { type GroupMember, joinGroup } from './group-member.js';
import type { HandlersUnderWay } from './rdkafka-assigned-partitions.js';

const maxRestarts = 5;
/** Restarts longer ago than this are forgotten. */
const restartWindowMs = 10 * 60_000;
const restartDelayMs = 1000;

export interface OpenSubscriptionOptions {
  readonly client: ClientModule;
  readonly settings: RdkafkaOptions;
  readonly subscribe: SubscribeOptions;
  /** Called when the subscription has ended, in whatever way. */
  onEnded(subscription: Subscription): void;
}

/** Joins the group, and from then on replaces a member that breaks by a new one, up to a budget. */
export async function openSubscription({
  client,
  settings,
  subscribe,
  onEnded,
}: OpenSubscriptionOptions): Promise<Subscription> {
  const logger = settings.logger ?? silentLogger;
  const { groupId } = subscribe;
  const handlersUnderWay: HandlersUnderWay = new Map();
  const join = () => joinGroup({ client, settings, subscribe, handlersUnderWay });
  const ended = Promise.withResolvers<void>();
  const closeRequested = Promise.withResolvers<void>();
  const restartsMs: number[] = [];
  let closing: Promise<void> | undefined;
  let member: GroupMember | undefined = await join();
  const supervising = supervise(member);
  // Whoever does not look at `closed` shall not lose the process to an unhandled rejection.
  ended.promise.catch((error) => logger.error({ error, groupId }, 'the subscription ended'));

  async function supervise(first: GroupMember): Promise<void> {
    for (let current: GroupMember | undefined = first; current !== undefined; ) {
      const reason = await Promise.race([current.broken, closeRequested.promise]);
      if (reason === undefined) return;
      member = undefined;
      await current.leave({ timeoutMs: 0 });
      if (reason.byHandler) return fail(reason.error);
      current = await restart(reason.error);
    }
  }

  /** A new member; undefined when the subscription ended instead. */
  async function restart(cause: unknown): Promise<GroupMember | undefined> {
    const nowMs = Date.now();
    while (restartsMs[0] !== undefined && restartsMs[0] < nowMs - restartWindowMs) restartsMs.shift();
    if (restartsMs.length >= maxRestarts) {
      fail(
        new SubscriptionFailedError(
          `the consumer of group ${groupId} was replaced ${maxRestarts} times and broke again`,
          { cause },
        ),
      );
      return undefined;
    }
    restartsMs.push(nowMs);
    logger.warn({ error: cause, groupId }, 'the consumer broke and is replaced by a new one');
    if (await settledWithin(closeRequested.promise, restartDelayMs * restartsMs.length)) return undefined;
    try {
      member = await join();
      return member;
    } catch (error) {
      return restart(error);
    }
  }

  function fail(error: unknown): void {
    onEnded(subscription);
    ended.reject(error);
  }

  async function leave(timeoutMs: number): Promise<void> {
    closeRequested.resolve();
    await member?.leave({ timeoutMs });
    await supervising;
    // A restart that was under way has joined in the meantime.
    await member?.leave({ timeoutMs: 0 });
    onEnded(subscription);
    ended.resolve();
  }

  const subscription: Subscription = {
    settle: (position) => member?.settle(position),
    commit: async () => member?.commit(),
    isConnected: () => closing === undefined && member !== undefined && member.isConnected(),
    closed: ended.promise,
    close({ timeoutMs }) {
      closing ??= leave(timeoutMs);
      return closing;
    },
  };
  return subscription;
}
