import type { Backend } from '@preservarium/backend';
import { readEntry } from './dead-entry.js';
import { type EntrySummary, summarizeEntry } from './entry-summary.js';
import type { ReadDeadLettersOptions } from './read-dead-letters.js';
import { readToEnd } from './read-to-end.js';

/** Offsets that are read together, of all partitions: joining a group costs more than reading so many. */
const maxOffsets = 10_000;
const minOffsetsOfPartition = 100;

/** Where a partition is read back: before `loadedFrom`, and not beyond `startOffset`. */
interface ReadBackFrom {
  readonly partition: number;
  readonly startOffset: number;
  readonly loadedFrom: number;
}

interface FoundBefore {
  /** In the order of offsets within a partition; none is marked as sent again. */
  readonly found: readonly EntrySummary[];
  /** Of each partition, the first offset that was read. */
  readonly firstOffsets: ReadonlyMap<number, number>;
}

/**
 * Reads the dead letters before some offsets, a bounded number of them.
 *
 * @param lastOffsets of all partitions
 */
export type ReadBack = (
  from: readonly ReadBackFrom[],
  lastOffsets: ReadonlyMap<number, number>,
) => Promise<FoundBefore>;

/** Returns a function that reads a topic of dead letters back. */
export function createReadBack(
  backend: Backend,
  { topic, timeoutMs, signal }: ReadDeadLettersOptions,
): ReadBack {
  return async (from, lastOffsets) => {
    const perPartition = Math.max(minOffsetsOfPartition, Math.floor(maxOffsets / from.length));
    const firstOffsets = new Map(
      from.map(({ partition, startOffset, loadedFrom }) => [
        partition,
        Math.max(startOffset, loadedFrom - perPartition),
      ]),
    );
    const found: EntrySummary[] = [];
    await readToEnd(backend, {
      ...{ topic, timeoutMs, signal },
      ends: new Map(from.map(({ partition, loadedFrom }) => [partition, loadedFrom])),
      // Of the other partitions, as little as possible.
      resumeFrom: ({ partition }) => firstOffsets.get(partition) ?? lastOffsets.get(partition),
      onRecord(record) {
        // A topic that lost its first records meanwhile is read from the first one that it has.
        if (record.offset < (firstOffsets.get(record.partition) ?? 0)) return;
        const read = readEntry(record);
        if (read.ok) found.push(summarizeEntry(read.entry, false));
      },
    });
    return { found, firstOffsets };
  };
}
