import type { DeadLetterPlace, DeadLetterReason } from '@preservarium/dead-letters';
import { type Command, Option } from 'commander';
import { parseDuration } from '../duration.js';
import { type DeadEntry, deviceOf } from './dead-entry.js';
import { formatPlace } from './place.js';

export interface FilterOptions {
  readonly reason?: DeadLetterReason;
  readonly device?: string;
  readonly type?: string;
  /** In milliseconds. */
  readonly since?: number;
}

export function addFilterOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--reason <reason>', 'only this reason').choices(['poison', 'rejected', 'exhausted']),
    )
    .option('--device <id>', 'only this device')
    .option('--type <type>', 'only this command type')
    .option('--since <duration>', 'only dead letters younger than this: 30s, 5m, 2h, 7d', parseDuration);
}

/** Returns whether the options choose anything. */
export function isFilter({ reason, device, type, since }: FilterOptions): boolean {
  return [reason, device, type, since].some((option) => option !== undefined);
}

/**
 * Returns a function that tells whether a dead letter is chosen.
 *
 * @param places chosen places; empty for any place
 */
export function createEntryFilter(
  { reason, device, type, since }: FilterOptions,
  places: readonly DeadLetterPlace[],
  nowMs: number,
): (entry: DeadEntry) => boolean {
  const wanted = new Set(places.map(formatPlace));
  return (entry) => {
    const { letter, decoded, place } = entry;
    if (wanted.size > 0 && !wanted.has(formatPlace(place))) return false;
    if (reason !== undefined && letter.reason !== reason) return false;
    if (device !== undefined && deviceOf(entry) !== device) return false;
    if (type !== undefined && !(decoded.ok && decoded.command.commandType === type)) return false;
    return since === undefined || letter.diedAtMs >= nowMs - since;
  };
}
