import { randomUUID } from 'node:crypto';
import { createRateLimitedLog, guardLogger, silentLogger } from '@preservarium/backend';
import type { CommandStoreFeed, CommandStoreFeedOptions } from './command-store-feed.js';
import { enforceRetention } from './enforce-retention.js';
import { commandTopicOf, eventsTopicOf } from './feed-topics.js';
import { type FeedSubscription, subscribeFeed } from './subscribe-feed.js';
import { untilCaughtUp } from './until-caught-up.js';

/**
 * Starts to fill a store with commands and their lifecycle events: from the beginning of the topics for a new store, and from where it was for
 * one that was filled before. Only what the store has is committed. While the store cannot be reached, it is tried again; when it
 * is cleared, all is read again.
 *
 * ```ts
 * const store = await createSqliteCommandStore({ path: 'commands.sqlite' });
 * const feed = await feedCommandStore({ backend, store });
 * await feed.closed;
 * ```
 *
 * @throws ConfigurationError, TopicUnknownError, BackendUnavailableError, StoreUnavailableError or another error of the backend or
 *   the store
 */
export async function feedCommandStore(settings: CommandStoreFeedOptions): Promise<CommandStoreFeed> {
  const { backend, store, eventsTopic = 'device_command_events', retention = {} } = settings;
  const {
    commandTopics = ['device_commands'],
    groupId = 'pusher_command_store',
    sharesWork = true,
  } = settings;
  const ownSuffix = sharesWork ? '' : `_${randomUUID()}`;
  const logger = guardLogger(settings.logger ?? silentLogger);
  const warnings = createRateLimitedLog(logger);
  const topics = [eventsTopicOf(eventsTopic, warnings), ...commandTopics.map(commandTopicOf)];
  const stop = Promise.withResolvers<void>();
  const stopping = stop.promise;
  const enforcer = enforceRetention(store, retention, logger);
  let closeTimeoutMs = 10_000;
  let current: FeedSubscription | undefined;

  const subscribe = () =>
    subscribeFeed({
      backend,
      store,
      topics,
      groupOf: (feedId) => `${groupId}_${feedId}${ownSuffix}`,
      resumes: !sharesWork,
      logger,
      warnings,
      stopping,
      onSaved: enforcer.afterSave,
    });

  async function run(first: FeedSubscription): Promise<void> {
    for (let next = first; ; next = await subscribe()) {
      current = next;
      try {
        const end = await Promise.race([
          stopping.then(() => 'stopped'),
          next.closed.then(() => 'closed'),
          next.replaced.then(() => 'replaced'),
        ]);
        if (end !== 'replaced') return;
        logger.info({ topic: eventsTopic }, 'the store has begun again; all events are read again');
      } finally {
        current = undefined;
        await next.close({ timeoutMs: closeTimeoutMs });
      }
    }
  }

  async function runToEnd(first: FeedSubscription): Promise<void> {
    try {
      await run(first);
    } catch (error) {
      logger.error({ err: error, groupId }, 'the feed of the command store cannot go on');
      throw error;
    } finally {
      enforcer.stop();
    }
  }

  let closed: Promise<void>;
  try {
    closed = runToEnd(await subscribe());
  } catch (error) {
    enforcer.stop();
    throw error;
  }
  // Mark the rejection as handled: callers may ignore it, and the log has the error.
  closed.catch(() => {});

  const feed: CommandStoreFeed = {
    closed,
    isConnected: () => current?.isConnected() ?? false,
    untilCaughtUp: (options) => untilCaughtUp({ ...options, backend, store, topics, groupId, closed }),
    async close({ timeoutMs = 10_000 } = {}) {
      closeTimeoutMs = timeoutMs;
      stop.resolve();
      // `closed` has the reason of its end.
      await Promise.allSettled([closed]);
      await enforcer.enforce();
    },
    [Symbol.asyncDispose]: () => feed.close(),
  };
  return feed;
}
