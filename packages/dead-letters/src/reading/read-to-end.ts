import { randomUUID } from 'node:crypto';
import type { ConsumedRecord, StartFrom, SubscribeOptions, SubscriberBackend } from '@preservarium/backend';
import { startSlice, withDeadline } from '@preservarium/concurrency';
import { AbortedError, BackendUnavailableError } from '@preservarium/core';

const closeTimeoutMs = 5_000;

export interface ReadToEndOptions {
  readonly topic: string;
  /** Default `beginning`. */
  readonly from?: StartFrom;
  /** As of `subscribe`: where a partition that was assigned begins. */
  readonly resumeFrom?: NonNullable<SubscribeOptions['resumeFrom']>;
  /** By partition with records, the offset at which to stop. */
  readonly ends: ReadonlyMap<number, number>;
  /** Deadline for each wait for Kafka, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called once per record, in the order of a partition's offsets; the next call waits until it resolves. */
  onRecord(record: ConsumedRecord): Promise<void> | void;
}

/** Reads a topic to the given ends, with a new consumer group. */
export async function readToEnd(backend: SubscriberBackend, options: ReadToEndOptions): Promise<void> {
  const { topic, from = 'beginning', resumeFrom, ends, timeoutMs, signal, onRecord } = options;
  if (ends.size === 0) return;
  const doing = `read ${topic}`;
  const unread = new Set(ends.keys());
  const nextOffsets = new Map<number, number>();
  const end = Promise.withResolvers<void>();
  let silence: NodeJS.Timeout | undefined;

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    silence?.refresh();
    const slice = startSlice();
    for (const record of records) {
      if (slice.isOver()) await slice.next();
      const { partition, offset } = record;
      const endOffset = ends.get(partition) ?? 0;
      // Skips records that come twice: no offset is committed, so a client that reconnects starts over.
      if (offset < endOffset && offset >= (nextOffsets.get(partition) ?? 0)) {
        nextOffsets.set(partition, offset + 1);
        await onRecord(record);
      }
      noteRead(partition, offset + 1);
    }
  }

  function noteRead(partition: number, nextOffset: number): void {
    if (nextOffset >= (ends.get(partition) ?? 0)) unread.delete(partition);
    if (unread.size === 0) end.resolve();
  }

  const joined = backend.subscribe({
    topics: [topic],
    groupId: `pusher_dead_letters_${randomUUID()}`,
    from,
    ...(resumeFrom && { resumeFrom }),
    // Nothing comes of a partition that starts at its end.
    onAssigned(partitions) {
      for (const { partition, readFrom } of partitions) noteRead(partition, readFrom);
    },
    onRecords,
    onCaughtUp: ({ partition, nextOffset }) => noteRead(partition, nextOffset),
  });
  const subscription = await withDeadline(joined, { doing, timeoutMs, signal });
  silence = setTimeout(() => {
    end.reject(
      new BackendUnavailableError(
        `cannot ${doing} to its end: no record arrived for ${timeoutMs} ms; check the brokers`,
      ),
    );
  }, timeoutMs);
  const abort = () => end.reject(new AbortedError(doing));
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([end.promise, subscription.closed]);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', abort);
    await subscription.close({ timeoutMs: closeTimeoutMs });
  }
}
