import type { TopicAdmin } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import {
  AbortedError,
  BackendUnavailableError,
  ClosedError,
  StoreUnavailableError,
} from '@preservarium/core';
import type { CommandStore } from './command-store.js';
import type { CatchUpOptions } from './command-store-feed.js';

/** Other processes may read for the store as well, so that it has to be asked. */
const intervalMs = 200;

/** Options of {@link untilCaughtUp}, for a feed that runs in another process. */
export interface UntilCaughtUpOptions extends CatchUpOptions {
  readonly backend: Pick<TopicAdmin, 'offsets'>;
  readonly store: CommandStore;
  /** Topics from which the store is filled. */
  readonly topics: readonly { readonly topic: string }[];
  /** Any group: where the topics end is asked in its name. */
  readonly groupId: string;
  /** The end of the feed. */
  readonly closed: Promise<void>;
}

/**
 * Waits until the store has read the topics up to where they end now, whichever process fills it.
 *
 * @throws what {@link CommandStoreFeed.untilCaughtUp} throws
 */
export async function untilCaughtUp(settings: UntilCaughtUpOptions): Promise<void> {
  const { backend, store, groupId, timeoutMs, signal, closed, onProgress } = settings;
  const topics = settings.topics.map(({ topic }) => topic);
  const doing = `read ${topics.join(' and ')} to the end`;
  const partitions = (
    await Promise.all(
      topics.map(async (topic) =>
        (await backend.offsets({ topic, groupId })).map((offsets) => ({ topic, ...offsets })),
      ),
    )
  ).flat();
  const totalCount = sum(partitions.map(({ startOffset, endOffset }) => endOffset - startOffset));
  let readCount = -1;
  let deadlineMs = performance.now() + timeoutMs;
  let problem: unknown;
  for (;;) {
    if (signal?.aborted) throw new AbortedError(doing);
    try {
      const read = new Map<string, ReadonlyMap<number, number>>();
      for (const topic of topics) read.set(topic, (await store.progress(topic)).nextOffsets);
      const counts = partitions.map(({ topic, partition, startOffset, endOffset }) => {
        const nextOffset = read.get(topic)?.get(partition) ?? 0;
        return Math.min(Math.max(nextOffset, startOffset), endOffset) - startOffset;
      });
      if (sum(counts) !== readCount) deadlineMs = performance.now() + timeoutMs;
      readCount = sum(counts);
      problem = undefined;
      onProgress?.(readCount, totalCount);
      if (readCount === totalCount) return;
    } catch (error) {
      if (!StoreUnavailableError.isInstance(error)) throw error;
      problem = error;
    }
    if (performance.now() > deadlineMs) {
      throw new BackendUnavailableError(
        `cannot ${doing}: ${totalCount - Math.max(readCount, 0)} offsets are left, and nothing came for ${timeoutMs} ms; check the brokers and the store`,
        { cause: problem },
      );
    }
    if (await settledWithin(closed, intervalMs)) {
      await closed;
      throw new ClosedError('the feed of the command store');
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
