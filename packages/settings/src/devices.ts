import { settingsOf } from './documents/device-settings.js';
import type { DocumentStore, Side } from './documents/document-store.js';
import type { AcceptedSettings } from './is-accepted.js';
import type { SettingsOfDevice } from './settings.js';

/** The settings of all devices, up to `maxDevices` and the limit of their file. */
export interface Devices {
  accepted(side: Side, deviceId: string): AcceptedSettings | undefined;
  /**
   * Keeps the settings of a device. At a limit a device without desired settings makes room for one that has some; where none does,
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
  /** Returns whether this side of the device is fully known; false if it may have been left out at a limit. */
  isKnown(side: Side, deviceId: string): boolean;
  /** Returns the limit that leaves no room for a new device, with its value: the one that is reached, or else was. */
  limit(): string;
  readonly size: number;
  /** How often settings were not kept. */
  readonly notKept: number;
}

export interface DevicesOptions {
  readonly store: DocumentStore;
  readonly maxDevices: number;
  readonly maxStoreBytes: number;
}

export function createDevices({ store, maxDevices, maxStoreBytes }: DevicesOptions): Devices {
  const isFull = () => store.size >= maxDevices || store.isFull;

  /** Removes a device without desired settings; returns whether there was one. */
  function makeRoom(): boolean {
    const deviceId = store.oldestReportedOnly();
    if (deviceId === undefined) return false;
    store.set('reported', deviceId, undefined);
    store.forget('reported');
    return true;
  }

  function hasPlace(side: Side, deviceId: string): boolean {
    if (!isFull() || store.find(deviceId) !== undefined) return true;
    if (side === 'desired' && makeRoom()) return true;
    store.forget(side);
    return false;
  }

  function get(deviceId: string): SettingsOfDevice | undefined {
    const device = store.find(deviceId);
    return device && settingsOf(deviceId, device);
  }

  return {
    accepted: (side, deviceId) => store.find(deviceId)?.[side],
    set(side, deviceId, accepted) {
      if (!hasPlace(side, deviceId)) return false;
      store.set(side, deviceId, accepted);
      return true;
    },
    get,
    ids: () => store.ids(),
    *outOfSync() {
      for (const deviceId of store.outOfSync()) {
        const settings = get(deviceId);
        if (settings !== undefined) yield settings;
      }
    },
    hasRoom: (side, deviceId) =>
      !isFull() ||
      store.find(deviceId) !== undefined ||
      (side === 'desired' && store.oldestReportedOnly() !== undefined),
    isKnown(side, deviceId) {
      const { forgotten } = store;
      if (forgotten[side] === 0) return true;
      const device = store.find(deviceId);
      return device?.[side] !== undefined || (side === 'reported' && device?.isWhole === true);
    },
    limit: () =>
      store.isFull
        ? `limits.maxStoreBytes = ${maxStoreBytes}, half of CONNECTOR_MAX_STORE_BYTES`
        : `limits.maxDevices = ${maxDevices}`,
    get size() {
      return store.size;
    },
    get notKept() {
      return store.forgotten.desired + store.forgotten.reported;
    },
  };
}
