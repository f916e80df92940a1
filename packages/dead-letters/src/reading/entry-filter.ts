import type { DeadLetterReason } from '../dead-letter.js';
import type { DeadEntry } from './dead-entry.js';
import { type EntrySummary, summarizeEntry } from './entry-summary.js';

/** Dead letters fit that fit all that is given. */
export interface EntryFilter {
  readonly reason?: DeadLetterReason | undefined;
  readonly deviceId?: string | undefined;
  readonly commandType?: string | undefined;
  /** They were given up at this time or later; in milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
}

/** Returns whether a dead letter fits the filter. */
export function fitsFilter(entry: DeadEntry, filter: EntryFilter): boolean {
  return summaryFits(summarizeEntry(entry, false), filter);
}

/** Returns whether the dead letter of a summary fits the filter. */
export function summaryFits(
  summary: EntrySummary,
  { reason, deviceId, commandType, sinceMs }: EntryFilter,
): boolean {
  if (reason !== undefined && summary.reason !== reason) return false;
  if (deviceId !== undefined && summary.deviceId !== deviceId) return false;
  if (commandType !== undefined && summary.commandType !== commandType) return false;
  return sinceMs === undefined || summary.diedAt.getTime() >= sinceMs;
}
