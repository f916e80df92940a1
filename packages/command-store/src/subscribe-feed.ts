import type {
  AssignedPartition,
  ConsumedRecord,
  ProcessedPosition,
  RateLimitedLog,
  SubscriberBackend,
  Subscription,
} from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { type LifecycleEvent, PusherError } from '@preservarium/core';
import type { FeedPosition, SaveOutcome } from './command-store.js';
import { type CurrentFeedOptions, currentFeed } from './current-feed.js';
import type { FeedTopic } from './feed-topics.js';
import { type PartitionEvents, shareSaves } from './shared-saves.js';

/** Events of a partition that are saved together. */
const batchSize = 500;
/** A reader that needs the newest event waits for the end of the topics anyway. */
const fetchMaxWaitMs = 50;
const firstPauseMs = 100;
const maxPauseMs = 5_000;

export interface SubscribeFeedOptions extends CurrentFeedOptions {
  readonly backend: SubscriberBackend & CurrentFeedOptions['backend'];
  readonly topics: readonly FeedTopic[];
  /** For what a foreign writer of the topic can cause. */
  readonly warnings: RateLimitedLog;
  /** True: reading goes on where the store is, whatever the group has committed. */
  readonly resumes: boolean;
  /** Resolves when nothing is to be tried again any more. */
  readonly stopping: Promise<void>;
  onSaved(eventCount: number): Promise<void>;
}

export interface FeedSubscription extends Pick<Subscription, 'closed' | 'close' | 'isConnected'> {
  readonly feedId: string;
  /** Resolves when the store has begun another feed, for which this one can save nothing. */
  readonly replaced: Promise<void>;
}

/** Reads the topics for the feed that the store has now. */
export async function subscribeFeed(settings: SubscribeFeedOptions): Promise<FeedSubscription> {
  const { backend, store, topics, groupOf, logger, warnings, stopping, onSaved } = settings;
  const feedId = await currentFeed(settings);
  const replaced = Promise.withResolvers<void>();
  const eventsOf = new Map(topics.map(({ topic, eventOf }) => [topic, eventOf]));
  const savedOffsets = new Map<string, Map<number, number>>();
  for (const { topic } of topics) {
    savedOffsets.set(topic, new Map(settings.resumes ? (await store.progress(topic)).nextOffsets : []));
  }

  /** The last record that the store has is read again: an offset behind the last record is none to resume from. */
  function resumeFrom({
    topic,
    partition,
    isNewTopic,
  }: Omit<AssignedPartition, 'readFrom'>): number | undefined {
    const saved = savedOffsets.get(topic)?.get(partition);
    return isNewTopic || saved === undefined ? undefined : saved - 1;
  }

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += batchSize) {
      const batch = records.slice(start, start + batchSize);
      const { topic, partition, offset } = batch.at(-1) as ConsumedRecord;
      const events = batch.flatMap((record) => eventsOf.get(topic)?.(record) ?? []);
      const bytes = batch.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      if (!(await saveUpTo({ events, bytes }, { topic, partition, nextOffset: offset + 1 }))) return;
    }
  }

  /** The last offsets of a partition may hold no event, such as the marker of a transaction: the store has read them too. */
  async function onCaughtUp(position: ProcessedPosition): Promise<void> {
    const { topic, partition, nextOffset } = position;
    if (nextOffset > (savedOffsets.get(topic)?.get(partition) ?? 0))
      await saveUpTo({ events: [], bytes: 0 }, position);
  }

  const saveTogether = shareSaves(saveAll);

  /** Resolves with whether the store has the events and the position. */
  async function saveUpTo(
    { events, bytes }: Omit<PartitionEvents, 'position'>,
    { topic, partition, nextOffset }: ProcessedPosition,
  ): Promise<boolean> {
    const position = { feedId, topic, partition, nextOffset };
    if (!(await saveTogether({ events, bytes, position }))) return false;
    savedOffsets.get(topic)?.set(partition, nextOffset);
    (await subscribing).markProcessed({ topic, partition, nextOffset });
    if (events.length > 0) await onSaved(events.length);
    return true;
  }

  async function saveAll(
    events: readonly LifecycleEvent[],
    positions: readonly FeedPosition[],
  ): Promise<boolean> {
    const outcome = await save(events, positions);
    if (outcome === undefined) return false;
    if (outcome.kind === 'other-feed') {
      replaced.resolve();
      return false;
    }
    for (const { event, reason } of outcome.refused) {
      const { requestId, deviceId, state } = event;
      warnings.warn('a lifecycle event was refused', { requestId, deviceId, state, reason });
    }
    return true;
  }

  /** Tries until the store has it; undefined where it was stopped before. */
  async function save(
    events: readonly LifecycleEvent[],
    positions: readonly FeedPosition[],
  ): Promise<SaveOutcome | undefined> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        return await store.save(events, positions);
      } catch (error) {
        if (!PusherError.isInstance(error) || !error.retryable) throw error;
        logger.warn({ err: error }, 'events are not in the store yet; it is tried again');
      }
      if (await settledWithin(stopping, pauseMs)) return undefined;
    }
  }

  const subscribing = backend.subscribe({
    topics: topics.map(({ topic }) => topic),
    groupId: groupOf(feedId),
    from: 'beginning',
    fetchMaxWaitMs,
    ...(settings.resumes && { resumeFrom }),
    onRecords,
    onCaughtUp,
  });
  const { closed, close, isConnected } = await subscribing;
  return { feedId, replaced: replaced.promise, closed, close, isConnected };
}
