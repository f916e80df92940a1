import type { Backend, ConsumedRecord, ProcessedPosition, Subscription } from '@preservarium/backend';
import { startSlice, withDeadline } from '@preservarium/concurrency';
import { ClosedError } from '@preservarium/core';

export interface FollowOptions {
  readonly backend: Backend;
  readonly topics: readonly string[];
  readonly groupId: string;
  /** Called with each record once, in the order of a partition's offsets. Must not throw: that ends the subscription. */
  onRecord(record: ConsumedRecord): void;
}

export interface Following extends Pick<Subscription, 'closed' | 'close'> {
  /**
   * Resolves when all records that are in the topics now have been taken.
   *
   * @param options.timeoutMs how long to wait without any record, in milliseconds
   */
  catchUp(options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** Reads the topics from their beginning until `close`. */
export async function followTopics({
  backend,
  topics,
  groupId,
  onRecord,
}: FollowOptions): Promise<Following> {
  const nextOffsets = new Map<string, number>();
  let progress = Promise.withResolvers<void>();

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    const slice = startSlice();
    for (const record of records) {
      if (slice.isOver()) await slice.next();
      const partition = partitionId(record);
      // After a reconnect the client starts at the beginning again, because nothing is committed.
      if (record.offset < (nextOffsets.get(partition) ?? 0)) continue;
      onRecord(record);
      nextOffsets.set(partition, record.offset + 1);
    }
    noteProgress();
  }

  /** The last offsets of a partition may hold no record, such as the marker of a transaction. */
  function onCaughtUp(position: ProcessedPosition): void {
    const partition = partitionId(position);
    nextOffsets.set(partition, Math.max(position.nextOffset, nextOffsets.get(partition) ?? 0));
    noteProgress();
  }

  function noteProgress(): void {
    progress.resolve();
    progress = Promise.withResolvers();
  }

  async function endsOf(topic: string): Promise<{ partition: string; endOffset: number }[]> {
    const offsets = await backend.offsets({ topic, groupId });
    return offsets
      .filter(({ startOffset, endOffset }) => endOffset > startOffset)
      .map(({ partition, endOffset }) => ({ partition: partitionId({ topic, partition }), endOffset }));
  }

  const subscription = await backend.subscribe({ topics, groupId, from: 'beginning', onRecords, onCaughtUp });
  const ended = subscription.closed.then(() => {
    throw new ClosedError('the settings');
  });
  ended.catch(() => {});

  return {
    closed: subscription.closed,
    close: (options) => subscription.close(options),
    async catchUp(options) {
      const doing = `read ${topics.join(' and ')} to the end`;
      const ends = (await withDeadline(Promise.all(topics.map(endsOf)), { doing, ...options })).flat();
      const hasCaughtUp = () =>
        ends.every(({ partition, endOffset }) => (nextOffsets.get(partition) ?? 0) >= endOffset);
      while (!hasCaughtUp()) {
        const goingOn = Promise.race([progress.promise, ended]);
        await withDeadline(goingOn, { doing, ...options });
      }
    },
  };
}

function partitionId({ topic, partition }: Pick<ConsumedRecord, 'topic' | 'partition'>): string {
  return `${partition}@${topic}`;
}
