import { ConfigurationError, type JsonObject } from '@preservarium/core';
import type { AcceptedSettings } from './is-accepted.js';
import type { SettingsOfDevice } from './settings.js';
import { settingsDifference } from './settings-difference.js';

/** The two sides of a device's settings, each with a topic of its own. */
export type Side = 'desired' | 'reported';

/** What is known of each device. */
export interface Devices {
  accepted(side: Side, deviceId: string): AcceptedSettings | undefined;
  /** @throws ConfigurationError beyond `maxDevices` */
  set(side: Side, deviceId: string, accepted: AcceptedSettings | undefined): void;
  get(deviceId: string): SettingsOfDevice | undefined;
  /** Those with a difference. */
  outOfSync(): Iterable<SettingsOfDevice>;
}

interface Device {
  desired?: AcceptedSettings | undefined;
  reported?: AcceptedSettings | undefined;
  /** Made when it is first asked for. */
  settings?: SettingsOfDevice | undefined;
}

const nothing: JsonObject = {};

export function createDevices({ maxDevices }: { readonly maxDevices: number }): Devices {
  const devices = new Map<string, Device>();

  function deviceOf(deviceId: string): Device {
    const known = devices.get(deviceId);
    if (known !== undefined) return known;
    if (devices.size === maxDevices) {
      throw new ConfigurationError(
        `the topics have settings of more than ${maxDevices} devices; raise limits.maxDevices, and the memory with it`,
      );
    }
    const device = {};
    devices.set(deviceId, device);
    return device;
  }

  function settingsOf(deviceId: string, device: Device): SettingsOfDevice {
    device.settings ??= toSettingsOfDevice(deviceId, device);
    return device.settings;
  }

  return {
    accepted: (side, deviceId) => devices.get(deviceId)?.[side],
    set(side, deviceId, accepted) {
      const device = deviceOf(deviceId);
      device[side] = accepted;
      device.settings = undefined;
      if (device.desired === undefined && device.reported === undefined) devices.delete(deviceId);
    },
    get(deviceId) {
      const device = devices.get(deviceId);
      return device && settingsOf(deviceId, device);
    },
    *outOfSync() {
      for (const [deviceId, device] of devices) {
        const settings = settingsOf(deviceId, device);
        if (Object.keys(settings.difference).length > 0) yield settings;
      }
    },
  };
}

/** The settings of a device as they are told. */
export function toSettingsOfDevice(deviceId: string, { desired, reported }: Device): SettingsOfDevice {
  return {
    deviceId,
    protocol: desired?.settings.protocol ?? 'mqtt',
    metadata: desired?.settings.metadata ?? nothing,
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
