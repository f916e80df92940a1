import { ClosedError, SubscriptionFailedError } from '@preservarium/core';
import {
  type SubscribeOptions,
  type SubscriberBackend,
  type Subscription,
  silentLogger,
} from '@preservarium/publisher';
import type { ClientModule, RdkafkaSettings } from './client-settings.js';
import { settledWithin } from './deadline.js';
import { type GroupMember, type HandlersUnderWay, joinGroup } from './group-member.js';

const maxRestarts = 5;
/** Restarts longer ago than this are forgotten. */
const restartWindowMs = 10 * 60_000;
const restartDelayMs = 1000;

/** Subscriptions that replace a consumer that breaks by a new one, up to a budget. */
export function createSubscriber(
  client: ClientModule,
  settings: RdkafkaSettings,
): Pick<SubscriberBackend, 'subscribe' | 'close'> {
  const logger = settings.logger ?? silentLogger;
  const subscriptions = new Set<Subscription>();
  const joining = new Set<Promise<unknown>>();
  let closed = false;

  async function subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (closed) throw new ClosedError('the rdkafka backend');
    const opening = open(options);
    joining.add(opening);
    try {
      return await opening;
    } finally {
      joining.delete(opening);
    }
  }

  async function open(options: SubscribeOptions): Promise<Subscription> {
    const handlersUnderWay: HandlersUnderWay = new Map();
    const join = () => joinGroup({ client, settings, subscribe: options, handlersUnderWay });
    let member: GroupMember | undefined = await join();
    const ended = Promise.withResolvers<void>();
    const closeRequested = Promise.withResolvers<void>();
    let closing: Promise<void> | undefined;

    const subscription: Subscription = {
      settle: (position) => member?.settle(position),
      commit: async () => member?.commit(),
      closed: ended.promise,
      close({ timeoutMs }) {
        closing ??= leave(timeoutMs);
        return closing;
      },
    };
    // Whoever does not look at `closed` shall not lose the process to an unhandled rejection.
    ended.promise.catch((error) =>
      logger.error({ error, groupId: options.groupId }, 'the subscription ended'),
    );
    subscriptions.add(subscription);
    const supervising = supervise(member);
    if (closed) await subscription.close({ timeoutMs: 0 });
    return subscription;

    async function leave(timeoutMs: number): Promise<void> {
      closeRequested.resolve();
      const current = member;
      member = undefined;
      await current?.leave({ timeoutMs });
      await supervising;
      subscriptions.delete(subscription);
      ended.resolve();
    }

    async function supervise(first: GroupMember): Promise<void> {
      const restartsMs: number[] = [];
      let current = first;
      for (;;) {
        const reason = await Promise.race([current.broken, closeRequested.promise]);
        if (reason === undefined) return;
        member = undefined;
        await current.leave({ timeoutMs: 0 });
        if (reason.byHandler) return fail(reason.error);
        const next = await restart(restartsMs, reason.error);
        if (next === undefined) return;
        current = next;
      }
    }

    /** A new member; undefined when the subscription ended instead. */
    async function restart(restartsMs: number[], error: unknown): Promise<GroupMember | undefined> {
      let lastError = error;
      for (;;) {
        const nowMs = Date.now();
        while (restartsMs[0] !== undefined && restartsMs[0] < nowMs - restartWindowMs) restartsMs.shift();
        if (restartsMs.length >= maxRestarts) {
          fail(
            new SubscriptionFailedError(
              `the consumer of group ${options.groupId} broke ${maxRestarts + 1} times and is not started again`,
              { cause: lastError },
            ),
          );
          return undefined;
        }
        restartsMs.push(nowMs);
        logger.warn(
          { error: lastError, groupId: options.groupId },
          'the consumer broke and is replaced by a new one',
        );
        if (await settledWithin(closeRequested.promise, restartDelayMs * restartsMs.length)) return undefined;
        try {
          const next = await join();
          if (closing) {
            await next.leave({ timeoutMs: 0 });
            return undefined;
          }
          member = next;
          return next;
        } catch (joinError) {
          lastError = joinError;
        }
      }
    }

    function fail(error: unknown): void {
      subscriptions.delete(subscription);
      ended.reject(error);
    }
  }

  async function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closed = true;
    const startedAtMs = performance.now();
    await settledWithin(Promise.allSettled(joining), timeoutMs);
    const leftMs = Math.max(0, timeoutMs - (performance.now() - startedAtMs));
    await Promise.all([...subscriptions].map((subscription) => subscription.close({ timeoutMs: leftMs })));
  }

  return { subscribe, close };
}
