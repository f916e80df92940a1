import type { DeadLetterPlace } from '../redrive.js';
import type { DeadEntry } from './dead-entry.js';
import type { DeadLetters } from './read-dead-letters.js';

/** Returns the dead letter at a place; undefined if there is none. */
export async function findEntry(
  letters: DeadLetters,
  { partition, offset }: DeadLetterPlace,
): Promise<DeadEntry | undefined> {
  let found: DeadEntry | undefined;
  await letters.forEach((entry) => {
    if (entry.place.partition === partition && entry.place.offset === offset) found = entry;
  });
  return found;
}
