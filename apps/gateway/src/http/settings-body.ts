import { keepNumberTexts } from '@preservarium/core';
import type { SettingsOfDevice } from '@preservarium/settings';
import type { SettingsBody } from '../schemas/settings.js';

/**
 * Returns settings as the API answers them.
 *
 * @param isVisible whether the caller may see a setting
 */
export function settingsBody(
  settings: SettingsOfDevice,
  isVisible: (name: string) => boolean = () => true,
): SettingsBody {
  const { deviceId, protocol, difference } = settings;
  const visible = (document: object) =>
    keepNumberTexts(
      Object.fromEntries(Object.entries(document).filter(([name]) => isVisible(name))),
      document,
    );
  const side = (document: object, version: number | undefined, at: Date | undefined) =>
    version === undefined || at === undefined
      ? null
      : { settings: visible(document), version, timestamp: at.toISOString() };
  return {
    device_id: deviceId,
    protocol,
    issued_by: settings.issuedBy ?? null,
    desired: side(settings.desired, settings.desiredVersion, settings.desiredAt),
    reported: side(settings.reported, settings.reportedVersion, settings.reportedAt),
    difference: visible(difference),
  };
}

/** Returns the entity tag of the desired settings: their version in quotes. */
export function settingsTag({ desiredVersion = -1 }: Pick<SettingsOfDevice, 'desiredVersion'>): string {
  return `"${desiredVersion}"`;
}
