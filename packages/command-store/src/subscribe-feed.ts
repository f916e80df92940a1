import type {
  ConsumedRecord,
  ProcessedPosition,
  SubscriberBackend,
  Subscription,
} from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { decodeLifecycleEvent, type LifecycleEvent, PusherError } from '@preservarium/core';
import type { FeedPosition, SaveOutcome } from './command-store.js';
import { type CurrentFeedOptions, currentFeed } from './current-feed.js';

/** A transaction's size: large ones are cheaper, small ones hold up others less. */
const batchSize = 500;
const firstPauseMs = 100;
const maxPauseMs = 5_000;

export interface SubscribeFeedOptions extends CurrentFeedOptions {
  readonly backend: SubscriberBackend & CurrentFeedOptions['backend'];
  /** Resolves when nothing is to be tried again any more. */
  readonly stopping: Promise<void>;
  onSaved(eventCount: number): Promise<void>;
}

export interface FeedSubscription extends Pick<Subscription, 'closed' | 'close'> {
  readonly feedId: string;
  /** Resolves when the store has begun another feed, for which this one can save nothing. */
  readonly replaced: Promise<void>;
}

/** Reads the topic for the feed that the store has now. */
export async function subscribeFeed(settings: SubscribeFeedOptions): Promise<FeedSubscription> {
  const { backend, store, topic, groupOf, logger, stopping, onSaved } = settings;
  const feedId = await currentFeed(settings);
  const replaced = Promise.withResolvers<void>();
  const savedOffsets = new Map<number, number>();

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += batchSize) {
      const batch = records.slice(start, start + batchSize);
      const { partition, offset } = batch.at(-1) as ConsumedRecord;
      if (!(await saveUpTo(batch.flatMap(eventOf), partition, offset + 1))) return;
    }
  }

  /** The last offsets of a partition may hold no event, such as the marker of a transaction: the store has read them too. */
  async function onCaughtUp({ partition, nextOffset }: ProcessedPosition): Promise<void> {
    if (nextOffset > (savedOffsets.get(partition) ?? 0)) await saveUpTo([], partition, nextOffset);
  }

  /** Resolves with whether the store has the events and the position. */
  async function saveUpTo(
    events: readonly LifecycleEvent[],
    partition: number,
    nextOffset: number,
  ): Promise<boolean> {
    const outcome = await save(events, { feedId, topic, partition, nextOffset });
    if (outcome === undefined) return false;
    if (outcome.kind === 'other-feed') {
      replaced.resolve();
      return false;
    }
    for (const { event, reason } of outcome.refused) {
      const { requestId, deviceId, state } = event;
      logger.warn({ requestId, deviceId, state, reason }, 'a lifecycle event was refused');
    }
    savedOffsets.set(partition, nextOffset);
    (await subscribing).markProcessed({ topic, partition, nextOffset });
    if (events.length > 0) await onSaved(events.length);
    return true;
  }

  function eventOf({ value, partition, offset }: ConsumedRecord): LifecycleEvent[] {
    const decoded = decodeLifecycleEvent(value);
    if (decoded.ok) return [decoded.event];
    logger.warn({ partition, offset, reason: decoded.message }, 'a lifecycle event cannot be read');
    return [];
  }

  /** Tries until the store has it; undefined where it was stopped before. */
  async function save(
    events: readonly LifecycleEvent[],
    position: FeedPosition,
  ): Promise<SaveOutcome | undefined> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        return await store.save(events, position);
      } catch (error) {
        if (!PusherError.isInstance(error) || !error.retryable) throw error;
        logger.warn({ err: error }, 'events are not in the store yet; it is tried again');
      }
      if (await settledWithin(stopping, pauseMs)) return undefined;
    }
  }

  const subscribing = backend.subscribe({
    topics: [topic],
    groupId: groupOf(feedId),
    from: 'beginning',
    onRecords,
    onCaughtUp,
  });
  const { closed, close } = await subscribing;
  return { feedId, replaced: replaced.promise, closed, close };
}
