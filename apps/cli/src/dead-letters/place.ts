import type { DeadLetterPlace } from '@preservarium/dead-letters';
import { InvalidArgumentError } from 'commander';
import { pusher } from '../pusher.js';

/** Formats a place as `list` prints it and `show` and `redrive` take it: `3:42`. */
export function formatPlace({ partition, offset }: DeadLetterPlace): string {
  return `${partition}:${offset}`;
}

/** Parses `PARTITION:OFFSET`. */
export function parsePlace(text: string): DeadLetterPlace {
  const [, partition, offset] = /^(\d+):(\d+)$/.exec(text) ?? [];
  const place = { partition: Number(partition), offset: Number(offset) };
  if (Number.isSafeInteger(place.partition) && Number.isSafeInteger(place.offset)) return place;
  throw new InvalidArgumentError(
    `Give PARTITION:OFFSET as \`${pusher} dead list\` prints it, for example 3:42.`,
  );
}

/** Collects places from a repeatable argument. */
export function collectPlaces(
  text: string,
  previous: readonly DeadLetterPlace[] = [],
): readonly DeadLetterPlace[] {
  return [...previous, parsePlace(text)];
}
