import {
  type DeadEntry,
  type DeadLetterPlace,
  type DeadLetterReason,
  deadLetterReasons,
  fitsFilter,
  formatPlace,
} from '@preservarium/dead-letters';
import { type Command, Option } from 'commander';
import { parseDuration } from '../duration.js';

export interface FilterOptions {
  readonly reason?: DeadLetterReason;
  readonly device?: string;
  readonly type?: string;
  /** In milliseconds. */
  readonly since?: number;
}

export function addFilterOptions(command: Command): Command {
  return command
    .addOption(new Option('--reason <reason>', 'only this reason').choices(deadLetterReasons))
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
  const filter = {
    reason,
    deviceId: device,
    commandType: type,
    sinceMs: since === undefined ? undefined : nowMs - since,
  };
  return (entry) => (wanted.size === 0 || wanted.has(formatPlace(entry.place))) && fitsFilter(entry, filter);
}
