import type { DeviceSettings } from '@preservarium/core';

/** Settings of a record that counts, with its offset. */
export interface AcceptedSettings {
  readonly settings: DeviceSettings;
  readonly version: number;
  /** True: its signature would be refused with `enforce`. */
  readonly isDoubtful?: boolean;
}

/** The version of a device that has no settings. */
export const noVersion = -1;

/**
 * Returns whether settings that were made from `baseVersion` count. They count if they were made from a newer version than the current
 * settings were: then no other change came in between. Without `baseVersion` they replace any settings.
 *
 * This rule needs only the current settings, so readers agree however many older records compaction has removed.
 */
export function isAccepted(baseVersion: number | undefined, current: AcceptedSettings | undefined): boolean {
  if (baseVersion === undefined || current === undefined) return true;
  const { settings, version } = current;
  // A base that was still to come is none: nothing could be made from a newer one, and every change would be void.
  return baseVersion > Math.min(settings.baseVersion ?? version - 1, version - 1);
}
