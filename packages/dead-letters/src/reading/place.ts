import type { DeadLetterPlace } from '../redrive.js';

/** Formats a place as {@link parsePlace} takes it: `3:42`. */
export function formatPlace({ partition, offset }: DeadLetterPlace): string {
  return `${partition}:${offset}`;
}

/** Returns the place that is written as `PARTITION:OFFSET`; undefined if the text is no place. */
export function parsePlace(text: string): DeadLetterPlace | undefined {
  const [, partition, offset] = /^(\d+):(\d+)$/.exec(text) ?? [];
  const place = { partition: Number(partition), offset: Number(offset) };
  return Number.isSafeInteger(place.partition) && Number.isSafeInteger(place.offset) ? place : undefined;
}
