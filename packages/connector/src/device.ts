import { createDeviceQueue, type DeviceQueue } from './device-queue.js';
import type { HeldCommand, Holder } from './held-command.js';

/** A device for which commands are held. */
export interface Device {
  readonly id: string;
  readonly share: Holder;
  readonly queue: DeviceQueue;
  /** Sources of commands that are on their way through the waiting topic and back. */
  readonly onTheWayBack: Set<string>;
  delivering: HeldCommand | undefined;
  isServed: boolean;
  nextAttemptAtMs: number;
  /** Ends the pause before the next attempt. */
  wake?: (() => void) | undefined;
}

export function createDevice(id: string, share: Holder): Device {
  return {
    id,
    share,
    queue: createDeviceQueue(),
    onTheWayBack: new Set(),
    delivering: undefined,
    isServed: false,
    nextAttemptAtMs: 0,
  };
}

/** Whether newer commands have to queue behind others that wait. */
export function hasWaiting(device: Device): boolean {
  return device.onTheWayBack.size > 0 || device.queue.first()?.waitingSinceMs !== undefined;
}
