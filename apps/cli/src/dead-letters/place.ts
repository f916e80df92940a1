import { type DeadLetterPlace, parsePlace } from '@preservarium/dead-letters';
import { InvalidArgumentError } from 'commander';
import { pusher } from '../pusher.js';

/** Parses `PARTITION:OFFSET`, the argument of `show` and `redrive`. */
export function placeArgument(text: string): DeadLetterPlace {
  const place = parsePlace(text);
  if (place !== undefined) return place;
  throw new InvalidArgumentError(
    `Give PARTITION:OFFSET as \`${pusher} dead list\` prints it, for example 3:42.`,
  );
}

/** Collects places from a repeatable argument. */
export function collectPlaces(
  text: string,
  previous: readonly DeadLetterPlace[] = [],
): readonly DeadLetterPlace[] {
  return [...previous, placeArgument(text)];
}
