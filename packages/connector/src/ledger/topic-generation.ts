import type { CommandSource } from '@preservarium/dead-letters';

/** More offsets than a partition ever has. */
const offsetsOfTopic = 2 ** 40;

/**
 * Places of commands, in one order through all generations of the command topic: a command that waits may be of a topic that was deleted, and one of the topic that
 * was created in its place has the same offset. In the first generation, the place of a command is its offset. The ledger and all behind it, the changelog too, know
 * commands by their places.
 *
 * @param generation how often the topic was created anew
 */
export function placeOf(generation: number, offset: number): number {
  return generation * offsetsOfTopic + offset;
}

/** Returns the generation of a place. */
export function generationOf(place: number): number {
  return Math.floor(place / offsetsOfTopic);
}

/** Returns the offset that the command had in its topic. */
export function offsetOf(place: number): number {
  return place % offsetsOfTopic;
}

/** Returns the source of a command as its topic had it, from a record with its place. */
export function sourceOf<Source extends CommandSource>(placed: Source): Source {
  return generationOf(placed.offset) === 0 ? placed : { ...placed, offset: offsetOf(placed.offset) };
}
