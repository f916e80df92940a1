import { createFirstOf } from '@preservarium/concurrency';
import { compareNumbers } from './compare-numbers.js';
import type { DeadEntry } from './dead-entry.js';
import { type EntrySummary, summarizeEntry } from './entry-summary.js';
import type { DeadLetters } from './read-dead-letters.js';

export interface ListNewestOptions {
  isWanted(entry: DeadEntry): boolean;
  /** Also dead letters that were sent again. */
  readonly withSentAgain: boolean;
  /** Largest number of summaries. */
  readonly max: number;
}

/** Returns the newest dead letters, the newest first, and how many older ones are left out. */
export async function listNewest(
  letters: DeadLetters,
  { isWanted, withSentAgain, max }: ListNewestOptions,
): Promise<{ readonly summaries: readonly EntrySummary[]; readonly left: number }> {
  const newest = createFirstOf<EntrySummary>(max, (one, other) => compareNumbers(ageOf(other), ageOf(one)));
  await letters.forEach((entry) => {
    const sentAgain = letters.isSentAgain(entry.place);
    if (isWanted(entry) && (withSentAgain || !sentAgain)) newest.add(summarizeEntry(entry, sentAgain));
  });
  return { summaries: newest.items(), left: newest.left() };
}

function ageOf({ diedAt, partition, offset }: EntrySummary): readonly number[] {
  return [diedAt.getTime(), partition, offset];
}
