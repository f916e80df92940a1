import { ValidationError } from '@preservarium/core';
import { compareNumbers } from './compare-numbers.js';
import type { IndexedPartition } from './dead-letter-index.js';
import type { EntrySummary } from './entry-summary.js';
import { formatPlace, parsePlace } from './place.js';
import type { ReadBack } from './read-back.js';

/** Bound the work of a page on which few dead letters are wanted. */
const maxReads = 5;

export interface ListPageOptions {
  isWanted(summary: EntrySummary): boolean;
  /** Also dead letters that were sent again. */
  readonly withSentAgain: boolean;
  /** Largest number of summaries. */
  readonly max: number;
  /** Of the page before; undefined for the first one. */
  readonly cursor?: string | undefined;
}

export interface DeadLetterPage {
  /** The newest first: in the order of offsets within a partition, and by their time among partitions. */
  readonly summaries: readonly EntrySummary[];
  /** For the next page; undefined on the last one. A page may have fewer than `max`, and its cursor leads on. */
  readonly cursor: string | undefined;
}

/** A partition during the reading of a page, from its end to its beginning. */
interface Unread extends Pick<IndexedPartition, 'partition' | 'startOffset' | 'sentAgain'> {
  /** Wanted ones from `loadedFrom` on that are on no page yet, in the order of their offsets. */
  loaded: EntrySummary[];
  loadedFrom: number;
}

/**
 * Returns a page of dead letters. Those that the index does not keep are read from the topic.
 *
 * @throws ValidationError for a cursor that no page had
 */
export async function listPage(
  partitions: readonly IndexedPartition[],
  readBack: ReadBack,
  { isWanted, withSentAgain, max, cursor }: ListPageOptions,
): Promise<DeadLetterPage> {
  const ends = cursor === undefined ? undefined : endsOf(cursor);
  const unread = partitions.map((indexed): Unread => {
    const { partition, startOffset, endOffset, keptFrom, newest, sentAgain } = indexed;
    const end = Math.min(ends === undefined ? endOffset : (ends.get(partition) ?? startOffset), endOffset);
    const of = {
      partition,
      startOffset,
      sentAgain,
      loadedFrom: Math.min(Math.max(keptFrom, startOffset), end),
    };
    return {
      ...of,
      loaded: wanted(
        newest.filter(({ offset }) => offset < end),
        of,
      ),
    };
  });

  function wanted(
    summaries: readonly EntrySummary[],
    { sentAgain }: Pick<Unread, 'sentAgain'>,
  ): EntrySummary[] {
    return summaries
      .map((summary) => ({ ...summary, sentAgain: sentAgain.has(summary.offset) }))
      .filter((summary) => (withSentAgain || !summary.sentAgain) && isWanted(summary));
  }

  const lastOffsets = new Map(partitions.map(({ partition, endOffset }) => [partition, endOffset - 1]));
  const summaries: EntrySummary[] = [];
  for (let reads = 0; summaries.length < max; ) {
    const unloaded = unread.filter(
      ({ loaded, loadedFrom, startOffset }) => loaded.length === 0 && loadedFrom > startOffset,
    );
    if (unloaded.length > 0) {
      if (reads++ === maxReads) break;
      const { found, firstOffsets } = await readBack(unloaded, lastOffsets);
      for (const each of unloaded) {
        each.loadedFrom = firstOffsets.get(each.partition) ?? each.startOffset;
        each.loaded = wanted(
          found.filter(({ partition }) => partition === each.partition),
          each,
        );
      }
      continue;
    }
    const newest = newestOf(unread);
    if (newest === undefined) break;
    summaries.push(newest);
  }
  return { summaries, cursor: cursorOf(unread) };
}

/** Takes the newest one of all partitions. */
function newestOf(unread: readonly Unread[]): EntrySummary | undefined {
  let first: Unread | undefined;
  for (const each of unread) {
    if (each.loaded.length === 0) continue;
    if (first === undefined || compareNumbers(ageOf(each), ageOf(first)) > 0) first = each;
  }
  return first?.loaded.pop();
}

function ageOf({ loaded }: Unread): readonly number[] {
  const last = loaded.at(-1);
  return last === undefined ? [] : [last.diedAt.getTime(), last.partition, last.offset];
}

/** The places before which the partitions are to be read on. */
function cursorOf(unread: readonly Unread[]): string | undefined {
  const places = unread
    .map(({ partition, loaded, loadedFrom, startOffset }) => {
      const last = loaded.at(-1);
      return { partition, offset: last === undefined ? loadedFrom : last.offset + 1, startOffset };
    })
    .filter(({ offset, startOffset }) => offset > startOffset);
  return places.length === 0 ? undefined : places.map(formatPlace).join();
}

function endsOf(cursor: string): ReadonlyMap<number, number> {
  const places = cursor.split(',').map(parsePlace);
  const ends = new Map(places.flatMap((place) => (place ? [[place.partition, place.offset] as const] : [])));
  if (ends.size === places.length) return ends;
  const message = 'must be the cursor of the page before';
  throw new ValidationError('list of dead letters', [{ path: 'cursor', message }]);
}
