import type { AcceptedSettings } from '../is-accepted.js';
import { hasDifference } from './device-settings.js';
import type {
  DocumentStore,
  PartitionOf,
  ReadPosition,
  Side,
  StoredDevice,
  VoidDevice,
} from './document-store.js';

/** Returns a store in memory, which is empty at first. */
export function createMemoryDocuments(): DocumentStore {
  const devices = new Map<string, StoredDevice>();
  const reportedOnly = new Set<string>();
  // Kept between calls: finding the first element of a set takes longer the more elements were deleted before it.
  let oldest = reportedOnly.values();
  const voids = { desired: new Map<string, VoidDevice>(), reported: new Map<string, VoidDevice>() };
  const positions = new Map<string, PartitionOf & ReadPosition>();
  let forgotten = { desired: 0, reported: 0 };
  let currentAtMs: number | undefined;

  function keep(deviceId: string, device: StoredDevice): void {
    devices.set(deviceId, device);
    if (device.desired !== undefined) reportedOnly.delete(deviceId);
    else if (device.reported !== undefined) reportedOnly.add(deviceId);
    else {
      devices.delete(deviceId);
      reportedOnly.delete(deviceId);
    }
  }

  return {
    get size() {
      return devices.size;
    },
    isFull: false,
    find: (deviceId) => devices.get(deviceId),
    set(side: Side, deviceId: string, accepted: AcceptedSettings | undefined) {
      const { desired, reported, isWhole } = devices.get(deviceId) ?? { isWhole: forgotten.reported === 0 };
      keep(deviceId, { desired, reported, isWhole, [side]: accepted });
    },
    ids: () => devices.keys(),
    *outOfSync() {
      for (const [deviceId, device] of devices) if (hasDifference(deviceId, device)) yield deviceId;
    },
    oldestReportedOnly() {
      let next = oldest.next();
      if (next.done) {
        oldest = reportedOnly.values();
        next = oldest.next();
      }
      return next.value;
    },

    get forgotten() {
      return forgotten;
    },
    forget(side) {
      forgotten = { ...forgotten, [side]: forgotten[side] + 1 };
    },

    voidOf: (side, deviceId) => voids[side].get(deviceId),
    setVoid: (side, device) => void voids[side].set(device.deviceId, device),
    removeVoid: (side, deviceId) => void voids[side].delete(deviceId),
    voids: (side) => voids[side].values(),

    positions: () => [...positions.values()],
    position: (partition) => positions.get(nameOf(partition)),
    setPosition({ topic, partition }, position) {
      positions.set(nameOf({ topic, partition }), { topic, partition, ...position });
    },
    currentAtMs: () => currentAtMs,
    setCurrentAt(ms) {
      currentAtMs = ms;
    },

    transaction: (change) => change(),
    clear() {
      for (const each of [devices, reportedOnly, voids.desired, voids.reported, positions]) each.clear();
      oldest = reportedOnly.values();
      forgotten = { desired: 0, reported: 0 };
      currentAtMs = undefined;
    },
    close() {},
  };
}

function nameOf({ topic, partition }: PartitionOf): string {
  return `${partition}@${topic}`;
}
