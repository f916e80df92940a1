import type { Logger, TopicAdmin } from '@preservarium/backend';
import type { CommandStore } from './command-store.js';

export interface CurrentFeedOptions {
  readonly backend: Pick<TopicAdmin, 'offsets'>;
  readonly store: CommandStore;
  readonly topics: readonly { readonly topic: string }[];
  readonly groupOf: (feedId: string) => string;
  readonly logger: Logger;
}

/**
 * Returns the feed id of the store. It is a new one if Kafka and the store no longer match: otherwise events would be missing
 * permanently.
 */
export async function currentFeed(settings: CurrentFeedOptions): Promise<string> {
  const { store, topics, logger } = settings;
  for (const { topic } of topics) {
    const mismatch = await findMismatch(topic, settings);
    if (mismatch === undefined) continue;
    logger.warn(
      mismatch,
      'the store or the topic is an older or another one than before; all events are read again',
    );
    await store.renewFeed();
    break;
  }
  return feedIdOf(settings);
}

async function feedIdOf({ store, topics: [first] }: CurrentFeedOptions): Promise<string> {
  return (await store.progress(first?.topic ?? '')).feedId;
}

async function findMismatch(topic: string, { backend, store, groupOf }: CurrentFeedOptions) {
  const before = await store.progress(topic);
  const { feedId } = before;
  const offsets = await backend.offsets({ topic, groupId: groupOf(feedId) });
  // Other members go on meanwhile: what is committed was in the store before, and what the store has read was in the topic.
  const after = await store.progress(topic);
  if (after.feedId !== feedId) return undefined;
  const mismatch = offsets.find(
    ({ partition, committedOffset = 0, endOffset }) =>
      committedOffset > (after.nextOffsets.get(partition) ?? 0) ||
      (before.nextOffsets.get(partition) ?? 0) > endOffset,
  );
  if (mismatch === undefined) return undefined;
  const { partition, committedOffset, endOffset } = mismatch;
  return { topic, partition, stored: after.nextOffsets.get(partition), committedOffset, endOffset };
}
