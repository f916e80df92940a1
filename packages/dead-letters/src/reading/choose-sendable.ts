import { createFirstOf } from '@preservarium/concurrency';
import { compareNumbers } from './compare-numbers.js';
import type { DeadEntry } from './dead-entry.js';
import { type JudgeOptions, judge, type Verdict } from './judge.js';
import { memoryOfEntry } from './memory-of-entry.js';
import { createOrigins } from './newer-commands.js';
import type { DeadLetters } from './read-dead-letters.js';

/** Memory of the dead letters that are chosen; twice as much while they are chosen. */
const maxChosenBytes = 64 * 1024 * 1024;

export interface ChooseSendableOptions extends JudgeOptions {
  isWanted(entry: DeadEntry): boolean;
  /** Largest number to choose. */
  readonly max: number;
  /** Called for each wanted dead letter that may not be sent again. */
  onRefused(entry: DeadEntry, verdict: Verdict): Promise<void>;
}

/** Returns the dead letters that may be sent again, in the order of their commands, and how many there are beyond `max` and beyond 64 MiB of memory. */
export async function chooseSendable(
  letters: DeadLetters,
  { isWanted, max, onRefused, ...judging }: ChooseSendableOptions,
): Promise<{ readonly chosen: readonly DeadEntry[]; readonly left: number }> {
  const origins = createOrigins();
  await letters.forEach((entry) => {
    if (isWanted(entry) && judge(entry, letters, judging).outcome === 'sendable') origins.add(entry);
  });
  await letters.lookForNewer(origins);
  const first = createFirstOf<DeadEntry>(max, inOriginalOrder, {
    maxBytes: maxChosenBytes,
    sizeOf: memoryOfEntry,
  });
  await letters.forEach(async (entry) => {
    if (!isWanted(entry)) return;
    const verdict = judge(entry, letters, judging);
    if (verdict.outcome === 'sendable') first.add(entry);
    else await onRefused(entry, verdict);
  });
  return { chosen: first.items(), left: first.left() };
}

/** Orders dead letters as their commands were pushed: by topic, partition and offset. */
function inOriginalOrder(
  { letter: { source: one } }: DeadEntry,
  { letter: { source: other } }: DeadEntry,
): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1;
  return compareNumbers([one.partition, one.offset], [other.partition, other.offset]);
}
