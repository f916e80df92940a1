import type { DeviceSettings, deviceSettingsFields } from '../models/device-settings.js';
import type { WireNameOf } from '../models/field-table.js';
import { exactNumbers } from '../models/number-texts.js';
import { encodeJson } from './encode-json.js';

/** Returns the value of the record that carries `settings` on the settings topic: JSON in UTF-8, names in snake_case. */
export function encodeSettings(settings: DeviceSettings): Buffer {
  return encodeJson({
    request_id: settings.requestId,
    timestamp: settings.timestamp,
    device_id: settings.deviceId,
    settings: exactNumbers(settings.settings),
    metadata: settings.metadata,
    protocol: settings.protocol,
    base_version: settings.baseVersion,
    issued_by: settings.issuedBy,
  } satisfies Record<WireNameOf<typeof deviceSettingsFields>, unknown>);
}
