import type { DeviceSettings } from '@preservarium/core';

/** Settings that count, with the offset of their record. */
export interface AcceptedSettings {
  readonly settings: DeviceSettings;
  readonly version: number;
}

/** The version of a device that has no settings. */
export const noVersion = -1;

/**
 * Whether settings that were made from `baseVersion` count. They do where they were made from a newer version than the
 * current settings were, for then no other change has come in between; and where they replace whatever there is.
 *
 * That is all it takes for readers to agree: it does not matter how many of the records before compaction has removed.
 */
export function isAccepted(baseVersion: number | undefined, current: AcceptedSettings | undefined): boolean {
  if (baseVersion === undefined || current === undefined) return true;
  const { settings, version } = current;
  return baseVersion > (settings.baseVersion ?? version - 1);
}
