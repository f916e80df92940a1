import type { Turn } from '../ledger/waiting-store.js';
import type { CommandLedger, PendingCommand } from '../pending-command.js';
import { createDeviceQueue, type DeviceQueue } from './device-queue.js';

/**
 * A device in memory: it is served, or commands of it are on their way. One whose commands only wait is in the store. All commands that were loaded
 * from there are in the queue, and they are the first ones.
 */
export interface Device {
  readonly id: string;
  readonly ledger: CommandLedger;
  readonly queue: DeviceQueue;
  /** Commands that were deferred and have not come back from the changelog, by their offsets. */
  readonly comingBack: Map<number, PendingCommand>;
  delivering: PendingCommand | undefined;
  /** Its attempt is in flight, and the answer of the device has ended it. */
  endedInFlight: PendingCommand | undefined;
  isServed: boolean;
  nextAttemptAtMs: number;
  /** The store may have commands behind those in the queue. */
  hasStored: boolean;
  /** The last command that was loaded; undefined where none was since the device is served. */
  loadedUpTo: Turn | undefined;
  /** It is not among those that the store calls when they are due. */
  isAwake: boolean;
  /** Ends the backoff before the next attempt. */
  wake?: (() => void) | undefined;
}

export function createDevice(id: string, ledger: CommandLedger): Device {
  return {
    id,
    ledger,
    queue: createDeviceQueue(),
    comingBack: new Map(),
    delivering: undefined,
    endedInFlight: undefined,
    isServed: false,
    nextAttemptAtMs: 0,
    hasStored: ledger.waiting.has(id),
    loadedUpTo: undefined,
    isAwake: false,
  };
}

/** Returns true if newer commands must wait behind others. */
export function hasWaiting(device: Device): boolean {
  return device.hasStored || device.comingBack.size > 0 || device.queue.first()?.waitingSinceMs !== undefined;
}
