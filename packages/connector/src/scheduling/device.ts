import type { CommandLedger, PendingCommand } from '../pending-command.js';
import { createDeviceQueue, type DeviceQueue } from './device-queue.js';

/** A device that has pending commands. */
export interface Device {
  readonly id: string;
  readonly ledger: CommandLedger;
  readonly queue: DeviceQueue;
  /** Offsets of commands that were deferred and have not come back from the changelog. */
  readonly comingBack: Set<number>;
  delivering: PendingCommand | undefined;
  isServed: boolean;
  nextAttemptAtMs: number;
  /** Ends the backoff before the next attempt. */
  wake?: (() => void) | undefined;
}

export function createDevice(id: string, ledger: CommandLedger): Device {
  return {
    id,
    ledger,
    queue: createDeviceQueue(),
    comingBack: new Set(),
    delivering: undefined,
    isServed: false,
    nextAttemptAtMs: 0,
  };
}

/** Returns true if newer commands must wait behind others. */
export function hasWaiting(device: Device): boolean {
  return device.comingBack.size > 0 || device.queue.first()?.waitingSinceMs !== undefined;
}
