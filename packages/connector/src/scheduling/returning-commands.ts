import type { Wait } from '../outcome/conclusion.js';
import type { Outcomes } from '../outcome/outcomes.js';
import type { PendingCommand } from '../pending-command.js';
import { awaitReturn, type Device } from './device.js';

/** The commands on their way through the changelog: they were deferred, and have not been read from there. */
export interface ReturningCommands {
  defer(device: Device, pending: PendingCommand, wait: Wait): void;
  /** The command comes back no more, or is here. Returns false for one that is not on its way. @param offset in the command topic */
  end(device: Device, offset: number): boolean;
  /** Forgets those of a device. */
  drop(device: Device): void;
  count(): number;
}

export interface ReturningCommandsOptions {
  readonly outcomes: Pick<Outcomes, 'defer'>;
  /** Kafka could not keep a command of the device, which has ended thereby. */
  onRefused(device: Device): void;
}

export function createReturningCommands({
  outcomes,
  onRefused,
}: ReturningCommandsOptions): ReturningCommands {
  let count = 0;

  function end(device: Device, offset: number): boolean {
    const isReturning = device.comingBack.delete(offset);
    if (isReturning) count--;
    return isReturning;
  }

  return {
    defer(device, pending, wait) {
      const { offset } = pending.record;
      count++;
      awaitReturn(device, pending);
      outcomes.defer(pending, wait, () => {
        if (end(device, offset)) onRefused(device);
      });
    },
    end,
    drop(device) {
      count -= device.comingBack.size;
    },
    count: () => count,
  };
}
