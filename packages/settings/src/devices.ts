import type { JsonObject } from '@preservarium/core';
import type { AcceptedSettings } from './is-accepted.js';
import type { SettingsOfDevice } from './settings.js';
import { settingsDifference } from './settings-difference.js';

/** The two sides of a device's settings, each with a topic of its own. */
export type Side = 'desired' | 'reported';

/** The settings of all devices, up to `maxDevices`. */
export interface Devices {
  accepted(side: Side, deviceId: string): AcceptedSettings | undefined;
  /**
   * Keeps the settings of a device. At `maxDevices` a device without desired settings makes room for one that has some; where none does,
   * a new device is not kept.
   *
   * @returns whether the settings are kept
   */
  set(side: Side, deviceId: string, accepted: AcceptedSettings | undefined): boolean;
  get(deviceId: string): SettingsOfDevice | undefined;
  ids(): Iterable<string>;
  /** Returns the devices with a difference. */
  outOfSync(): Iterable<SettingsOfDevice>;
  /** Returns whether settings of the device would be kept. */
  hasRoom(side: Side, deviceId: string): boolean;
  /** Returns whether this side of the device is fully known; false if it may have been left out at `maxDevices`. */
  isKnown(side: Side, deviceId: string): boolean;
  readonly size: number;
  /** How often settings were not kept. */
  readonly notKept: number;
}

interface Device {
  desired?: AcceptedSettings | undefined;
  reported?: AcceptedSettings | undefined;
  /** True: the reported side cannot have been left out. */
  readonly isWhole: boolean;
  /** Built on first use. */
  settings?: SettingsOfDevice | undefined;
}

const nothing: JsonObject = {};

export function createDevices({ maxDevices }: { readonly maxDevices: number }): Devices {
  const devices = new Map<string, Device>();
  const reportedOnly = new Set<string>();
  // Kept between calls: finding the first element of a set takes longer the more elements were deleted before it.
  let oldest = reportedOnly.values();
  const forgotten = { desired: 0, reported: 0 };

  /** Removes a device without desired settings; returns whether there was one. */
  function makeRoom(): boolean {
    let next = oldest.next();
    if (next.done) {
      oldest = reportedOnly.values();
      next = oldest.next();
    }
    if (next.done) return false;
    devices.delete(next.value);
    reportedOnly.delete(next.value);
    forgotten.reported += 1;
    return true;
  }

  function deviceFor(side: Side, deviceId: string): Device | undefined {
    const known = devices.get(deviceId);
    if (known !== undefined) return known;
    if (devices.size >= maxDevices && !(side === 'desired' && makeRoom())) {
      forgotten[side] += 1;
      return undefined;
    }
    const device: Device = { isWhole: forgotten.reported === 0 };
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
      const device = deviceFor(side, deviceId);
      if (device === undefined) return false;
      device[side] = accepted;
      device.settings = undefined;
      if (device.desired !== undefined) reportedOnly.delete(deviceId);
      else if (device.reported !== undefined) reportedOnly.add(deviceId);
      else {
        devices.delete(deviceId);
        reportedOnly.delete(deviceId);
      }
      return true;
    },
    get(deviceId) {
      const device = devices.get(deviceId);
      return device && settingsOf(deviceId, device);
    },
    ids: () => devices.keys(),
    *outOfSync() {
      for (const [deviceId, device] of devices) {
        const settings = settingsOf(deviceId, device);
        if (Object.keys(settings.difference).length > 0) yield settings;
      }
    },
    hasRoom: (side, deviceId) =>
      devices.has(deviceId) || devices.size < maxDevices || (side === 'desired' && reportedOnly.size > 0),
    isKnown(side, deviceId) {
      const device = devices.get(deviceId);
      if (forgotten[side] === 0 || device?.[side] !== undefined) return true;
      return side === 'reported' && device?.isWhole === true;
    },
    get size() {
      return devices.size;
    },
    get notKept() {
      return forgotten.desired + forgotten.reported;
    },
  };
}

/** Returns the settings of a device as they are shown to the application. */
export function toSettingsOfDevice(
  deviceId: string,
  { desired, reported }: Pick<Device, Side>,
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
