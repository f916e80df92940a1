import type { JsonObject } from '../models/json-value.js';
import { PusherError } from './pusher-error.js';

/** Settings were pushed for a version that is not the current one; they were not taken. */
export class SettingsConflictError extends PusherError {
  readonly deviceId: string;
  /** The version of the device's settings now; -1 where it has none. */
  readonly version: number;
  /** The desired settings of that version. */
  readonly settings: JsonObject;

  constructor(
    deviceId: string,
    ifVersion: number,
    current: { readonly version: number; readonly settings: JsonObject },
    options: { readonly cause?: unknown } = {},
  ) {
    super(
      `the settings of "${deviceId}" have version ${current.version}, not ${ifVersion}: look at what they are now, ` +
        `and push again for version ${current.version}`,
      { ...options, code: 'SETTINGS_CONFLICT' },
    );
    this.deviceId = deviceId;
    this.version = current.version;
    this.settings = current.settings;
  }

  static override isInstance(value: unknown): value is SettingsConflictError {
    return PusherError.isInstance(value) && value.code === 'SETTINGS_CONFLICT';
  }
}
