import { randomUUID } from 'node:crypto';
import type { Backend, ConsumedRecord } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import { TopicUnknownError } from '@preservarium/core';
import { type DeadLetterPlace, readRedriven } from '../redrive.js';
import { readEntry } from './dead-entry.js';
import { type EntrySummary, summarizeEntry } from './entry-summary.js';
import type { ReadDeadLettersOptions } from './read-dead-letters.js';
import { readToEnd } from './read-to-end.js';

/** Summaries of the newest dead letters that are kept; one has about a kilobyte. */
const maxSummaries = 10_000;
const minSummariesOfPartition = 10;
/** Places of dead letters that were sent again; one has about 30 bytes. Beyond it, the oldest is forgotten. */
const maxSentAgain = 1_000_000;

/** A partition of the topic of dead letters, as far as it was read. */
export interface IndexedPartition {
  readonly partition: number;
  readonly startOffset: number;
  readonly endOffset: number;
  /** All dead letters from here on are in `newest`. */
  readonly keptFrom: number;
  /** In the order of their offsets. */
  readonly newest: readonly EntrySummary[];
  /** Offsets of the dead letters that were sent again. */
  readonly sentAgain: ReadonlySet<number>;
}

interface Known extends IndexedPartition {
  startOffset: number;
  endOffset: number;
  keptFrom: number;
  newest: EntrySummary[];
  sentAgain: Set<number>;
}

/**
 * Returns a function that reads what is new in the topic of dead letters, and resolves with what is known of each partition; undefined where there is
 * no topic. The first call reads the whole topic. Calls at the same time share a reading that begins after them.
 */
export function createDeadLetterIndex(
  backend: Backend,
  { topic, timeoutMs, signal }: ReadDeadLettersOptions,
): () => Promise<readonly IndexedPartition[] | undefined> {
  const partitions = new Map<number, Known>();
  let sentAgainCount = 0;
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<readonly IndexedPartition[] | undefined> | undefined;

  function partitionAt(partition: number): Known {
    const known = partitions.get(partition);
    if (known !== undefined) return known;
    const added: Known = {
      ...{ partition, startOffset: 0, endOffset: 0, keptFrom: 0 },
      newest: [],
      sentAgain: new Set(),
    };
    partitions.set(partition, added);
    return added;
  }

  async function readNew(): Promise<readonly IndexedPartition[] | undefined> {
    try {
      const asked = backend.offsets({ topic, groupId: `pusher_dead_letters_${randomUUID()}` });
      const offsets = await withDeadline(asked, { doing: `read ${topic}`, timeoutMs, signal });
      // A topic that was deleted and created anew.
      if (offsets.some(({ partition, endOffset }) => endOffset < partitionAt(partition).endOffset)) forget();
      const perPartition = Math.max(minSummariesOfPartition, Math.floor(maxSummaries / offsets.length));
      const ends = new Map<number, number>();
      for (const { partition, startOffset, endOffset } of offsets) {
        const known = partitionAt(partition);
        begin(known, startOffset);
        known.keptFrom = Math.max(startOffset, endOffset - perPartition);
        if (endOffset > known.endOffset) ends.set(partition, endOffset);
      }
      await readToEnd(backend, {
        ...{ topic, ends, timeoutMs, signal, onRecord },
        // The last record of a partition that has nothing new is read again: only an offset of a record has an effect.
        resumeFrom: ({ partition }) => partitionAt(partition).endOffset - (ends.has(partition) ? 0 : 1),
      });
      for (const [partition, endOffset] of ends) partitionAt(partition).endOffset = endOffset;
      for (const known of partitions.values()) {
        known.newest = known.newest.filter(({ offset }) => offset >= known.keptFrom);
      }
      return [...partitions.values()].filter(({ endOffset, startOffset }) => endOffset > startOffset);
    } catch (error) {
      if (!TopicUnknownError.isInstance(error)) throw error;
      forget();
      return undefined;
    }
  }

  function onRecord(record: ConsumedRecord): void {
    const { partition, offset } = record;
    const known = partitionAt(partition);
    known.endOffset = offset + 1;
    const place = readRedriven(record);
    if (place !== undefined) noteSentAgain(place);
    else if (offset >= known.keptFrom) keep(known, record);
  }

  function keep(known: Known, record: ConsumedRecord): void {
    const read = readEntry(record);
    if (read.ok) known.newest.push(summarizeEntry(read.entry, false));
  }

  /** A mark of a partition that the topic does not have is none of a connector. */
  function noteSentAgain({ partition, offset }: DeadLetterPlace): void {
    const sentAgain = partitions.get(partition)?.sentAgain;
    if (sentAgain === undefined || sentAgain.has(offset)) return;
    sentAgain.add(offset);
    sentAgainCount++;
    if (sentAgainCount <= maxSentAgain) return;
    for (const oldest of sentAgain) {
      removeFrom(sentAgain, oldest);
      break;
    }
  }

  /** Forgets what is before the first record of the partition. */
  function begin(known: Known, startOffset: number): void {
    if (known.startOffset === startOffset) return;
    known.startOffset = startOffset;
    known.endOffset = Math.max(known.endOffset, startOffset);
    for (const offset of known.sentAgain) if (offset < startOffset) removeFrom(known.sentAgain, offset);
  }

  function removeFrom(sentAgain: Set<number>, offset: number): void {
    sentAgain.delete(offset);
    sentAgainCount--;
  }

  function forget(): void {
    partitions.clear();
    sentAgainCount = 0;
  }

  return () => {
    next ??= last.then(() => {
      next = undefined;
      const reading = readNew();
      last = reading.catch(() => {});
      return reading;
    });
    return next;
  };
}
