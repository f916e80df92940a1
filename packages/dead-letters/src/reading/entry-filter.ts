import type { DeadLetterReason } from '../dead-letter.js';
import { type DeadEntry, deviceOf } from './dead-entry.js';

/** Dead letters fit that fit all that is given. */
export interface EntryFilter {
  readonly reason?: DeadLetterReason | undefined;
  readonly deviceId?: string | undefined;
  readonly commandType?: string | undefined;
  /** They were given up at this time or later; in milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
}

/** Returns whether a dead letter fits the filter. */
export function fitsFilter(
  entry: DeadEntry,
  { reason, deviceId, commandType, sinceMs }: EntryFilter,
): boolean {
  const { letter, decoded } = entry;
  if (reason !== undefined && letter.reason !== reason) return false;
  if (deviceId !== undefined && deviceOf(entry) !== deviceId) return false;
  if (commandType !== undefined && !(decoded.ok && decoded.command.commandType === commandType)) return false;
  return sinceMs === undefined || letter.diedAtMs >= sinceMs;
}
