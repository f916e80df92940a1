import { ValidationError } from '@preservarium/core';

/** How far a reader of the events has come. */
export interface EventPosition {
  /** When the last event was written, in milliseconds since 1970. */
  readonly writtenAtMs: number;
  /** Of each partition, the offset after the last one that was read. */
  readonly nextOffsets: ReadonlyMap<number, number>;
}

/** Returns a position as text: `1764370000000;0:12,1:40`. */
export function formatPosition({ writtenAtMs, nextOffsets }: EventPosition): string {
  return `${writtenAtMs};${[...nextOffsets].map(([partition, offset]) => `${partition}:${offset}`).join(',')}`;
}

/** @throws ValidationError */
export function parsePosition(text: string): EventPosition {
  const [, writtenAt, offsets = ''] =
    /^(\d{1,15});((?:\d{1,9}:\d{1,15})(?:,\d{1,9}:\d{1,15})*)?$/.exec(text) ?? [];
  if (writtenAt === undefined) {
    const message = 'must be the position of an event that was read before';
    throw new ValidationError('reading of events', [{ path: 'after', message }]);
  }
  const pairs = offsets === '' ? [] : offsets.split(',').map((pair) => pair.split(':').map(Number));
  return { writtenAtMs: Number(writtenAt), nextOffsets: new Map(pairs as [number, number][]) };
}
