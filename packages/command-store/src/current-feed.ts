import type { Logger, TopicAdmin } from '@preservarium/backend';
import type { CommandStore } from './command-store.js';

export interface CurrentFeedOptions {
  readonly backend: Pick<TopicAdmin, 'offsets'>;
  readonly store: CommandStore;
  readonly topic: string;
  readonly groupOf: (feedId: string) => string;
  readonly logger: Logger;
}

/**
 * Returns the feed id of the store. It is a new one if Kafka and the store no longer match: otherwise events would be missing
 * permanently.
 */
export async function currentFeed(settings: CurrentFeedOptions): Promise<string> {
  const { backend, store, topic, groupOf, logger } = settings;
  const before = await store.progress(topic);
  const { feedId } = before;
  const offsets = await backend.offsets({ topic, groupId: groupOf(feedId) });
  // Other members go on meanwhile: what is committed was in the store before, and what the store has read was in the topic.
  const after = await store.progress(topic);
  const mismatch = offsets.find(
    ({ partition, committedOffset = 0, endOffset }) =>
      committedOffset > (after.nextOffsets.get(partition) ?? 0) ||
      (before.nextOffsets.get(partition) ?? 0) > endOffset,
  );
  if (mismatch === undefined || after.feedId !== feedId) return after.feedId;
  const { partition, committedOffset, endOffset } = mismatch;
  logger.warn(
    { topic, partition, stored: after.nextOffsets.get(partition), committedOffset, endOffset },
    'the store or the topic is an older or another one than before; all events are read again',
  );
  await store.renewFeed();
  return (await store.progress(topic)).feedId;
}
