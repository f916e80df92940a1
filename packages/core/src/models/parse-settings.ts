import { ValidationError } from '../errors/validation-error.js';
import { type DeviceSettings, type DeviceSettingsInput, deviceSettingsSchema } from './device-settings.js';
import { inexactIntegers } from './inexact-integers.js';
import { jsonSourceOf } from './json-source.js';
import type { JsonObject } from './json-value.js';
import { parseExactJson } from './number-texts.js';
import { refuseUnreadable } from './unreadable-input.js';
import { validationIssues } from './validation-issues.js';

/**
 * Checks an input and fills in the defaults.
 *
 * @throws ValidationError with the first 20 broken rules and their places
 */
export function parseSettings(input: DeviceSettingsInput): DeviceSettings {
  const result = refuseUnreadable('settings', () => deviceSettingsSchema.safeParse(input));
  if (!result.success) throw new ValidationError('settings', validationIssues(result.error));
  const { metadata } = result.data;
  const settings = withNumberTexts(result.data.settings);
  const issues = [...inexactIntegers(settings, 'settings'), ...inexactIntegers(metadata, 'metadata')];
  if (issues.length > 0) throw new ValidationError('settings', issues);
  return { ...result.data, settings };
}

/** Settings are merged, so that not their whole text is kept, but that of each number. */
function withNumberTexts(settings: JsonObject): JsonObject {
  const source = jsonSourceOf(settings);
  return source === undefined ? settings : (parseExactJson(Buffer.from(source).toString()) as JsonObject);
}
