import type { JsonObject } from '@preservarium/core';
import type { SettingsOfDevice } from '../settings.js';
import { settingsDifference } from '../settings-difference.js';
import type { Side, StoredDevice } from './document-store.js';

const nothing: JsonObject = {};

/** Returns the settings of a stored device as they are shown to the application. */
export function settingsOf(deviceId: string, device: StoredDevice): SettingsOfDevice {
  device.settings ??= toSettingsOfDevice(deviceId, device);
  return device.settings;
}

export function hasDifference(deviceId: string, device: StoredDevice): boolean {
  if (device.desired === undefined) return false;
  return Object.keys(settingsOf(deviceId, device).difference).length > 0;
}

/** Does as {@link settingsOf} for a device that is not stored. */
export function toSettingsOfDevice(
  deviceId: string,
  { desired, reported }: Pick<StoredDevice, Side>,
): SettingsOfDevice {
  return {
    deviceId,
    protocol: desired?.settings.protocol ?? 'mqtt',
    metadata: desired?.settings.metadata ?? nothing,
    issuedBy: desired?.settings.issuedBy,
    desired: desired?.settings.settings ?? nothing,
    desiredVersion: desired?.version,
    desiredAt: desired?.settings.timestamp,
    reported: reported?.settings.settings ?? nothing,
    reportedVersion: reported?.version,
    reportedAt: reported?.settings.timestamp,
    difference: settingsDifference(
      desired?.settings.settings ?? nothing,
      reported?.settings.settings ?? nothing,
    ),
  };
}
