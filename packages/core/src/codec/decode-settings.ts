import { type DeviceSettings, deviceSettingsSchema } from '../models/device-settings.js';
import type { JsonObject } from '../models/json-value.js';
import { parserOfExact } from '../models/number-texts.js';
import { type DecodeFailure, decodeJsonObject } from './decode-json-object.js';
import { invalidFields } from './invalid-fields.js';
import { unknownFieldsFailure } from './unknown-fields.js';
import { fromWireNames, settingsNames } from './wire-names.js';

export type DecodedSettings =
  | { readonly ok: true; readonly settings: DeviceSettings; readonly unknownFields: JsonObject }
  | DecodeFailure;

const parseExact = parserOfExact('settings');

/** Reads settings from the value of a record, as written by `encodeSettings`. Never throws. */
export function decodeSettings(
  value: Uint8Array | null,
  defaults: { readonly requestId?: string; readonly timestamp?: Date } = {},
): DecodedSettings {
  const json = decodeJsonObject(value, parseExact);
  if (!json.ok) return json;
  const { known, unknown } = fromWireNames(json.object, settingsNames);
  const unkept = unknownFieldsFailure(unknown);
  if (unkept !== undefined) return unkept;
  const result = deviceSettingsSchema.safeParse({ ...defaults, ...known });
  if (!result.success) return invalidFields(result.error, settingsNames);
  return { ok: true, settings: result.data, unknownFields: unknown as JsonObject };
}
