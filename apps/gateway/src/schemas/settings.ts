import { z } from 'zod';

const document = z.record(z.string(), z.json());

/** One side of the settings of a device. */
const side = z
  .object({
    settings: document,
    version: z.int().describe('Increases with each change.'),
    timestamp: z.iso.datetime(),
  })
  .nullable();

/** The settings of a device. */
export const settingsSchema = z
  .object({
    device_id: z.string(),
    protocol: z.string().describe('Protocol whose connector brings the settings to the device.'),
    issued_by: z
      .string()
      .nullable()
      .describe('The issuer of the newest change of the desired settings; null if it is not known.'),
    desired: side.describe('The settings that the device should have; null if none were ever pushed.'),
    reported: side.describe('The settings that the device has reported; null if it has reported none.'),
    difference: document.describe('Merge patch from the reported to the desired settings; `{}` if in sync.'),
  })
  .meta({ id: 'Settings', title: 'Settings' });

export type SettingsBody = z.output<typeof settingsSchema>;

/** Desired settings as clients send them. */
export const settingsDocumentSchema = document.meta({
  id: 'SettingsDocument',
  title: 'Settings document',
  description: 'The desired settings, by name.',
});

/** A change of desired settings as clients send it. */
export const settingsPatchSchema = document.meta({
  id: 'SettingsPatch',
  title: 'Settings patch',
  description:
    'A JSON merge patch (RFC 7396): null removes a setting, an object is merged, any other value replaces the old one.',
});
