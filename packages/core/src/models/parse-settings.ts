import { ValidationError } from '../errors/validation-error.js';
import { type DeviceSettings, type DeviceSettingsInput, deviceSettingsSchema } from './device-settings.js';
import { inexactIntegers } from './inexact-integers.js';
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
  const { settings, metadata } = result.data;
  // Settings are merged as values, so that their text is not kept.
  const issues = [...inexactIntegers(settings, 'settings'), ...inexactIntegers(metadata, 'metadata')];
  if (issues.length > 0) throw new ValidationError('settings', issues);
  return result.data;
}
