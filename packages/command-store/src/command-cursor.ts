import { type Lifecycle, ValidationError } from '@preservarium/core';
import type { CommandQuery } from './command-store.js';

const maxLimit = 1_000;

/** The place of a command in a list: the next page begins after it. */
export interface CommandPlace {
  /** When it came into its state, in milliseconds since 1970. */
  readonly stateAtMs: number;
  readonly requestId: string;
  readonly deviceId: string;
}

/** Returns the cursor of the page that begins after this command. */
export function cursorAfter({
  timestamp,
  requestId,
  deviceId,
}: Pick<Lifecycle, 'timestamp' | 'requestId' | 'deviceId'>): string {
  return Buffer.from(JSON.stringify([timestamp.getTime(), requestId, deviceId])).toString('base64url');
}

/** Checks how much is asked for, and gives where the page before ended. */
export function startOfPage({ limit, cursor }: CommandQuery): CommandPlace | undefined {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    const message = `is ${limit}, and must be a whole number from 1 to ${maxLimit}`;
    throw new ValidationError('list of commands', [{ path: 'limit', message }]);
  }
  if (cursor === undefined) return undefined;
  const place = parse(cursor);
  if (place !== undefined) return place;
  const message = 'must be the cursor of the page before';
  throw new ValidationError('list of commands', [{ path: 'cursor', message }]);
}

function parse(cursor: string): CommandPlace | undefined {
  try {
    const [stateAtMs, requestId, deviceId, ...others] = JSON.parse(
      Buffer.from(cursor, 'base64url').toString(),
    );
    const hasIds = typeof requestId === 'string' && typeof deviceId === 'string';
    const isPlace = Number.isSafeInteger(stateAtMs) && hasIds && others.length === 0;
    return isPlace ? { stateAtMs, requestId, deviceId } : undefined;
  } catch {
    return undefined;
  }
}
