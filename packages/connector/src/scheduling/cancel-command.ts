import type { Outcomes } from '../outcome/outcomes.js';
import type { CommandTarget } from '../pending-command.js';
import { cancelledEnd } from './cancelled-end.js';
import type { Devices } from './devices.js';
import type { StoredCommands } from './stored-commands.js';

export interface CancelCommandOptions {
  readonly outcomes: Pick<Outcomes, 'conclude'>;
  readonly stored: Pick<StoredCommands, 'conclude'>;
  readonly devices: Pick<Devices, 'ledgers' | 'find' | 'queued'>;
}

/** Returns the function that ends a cancelled command, wherever the command is, unless an attempt is in flight. */
export function createCancelCommand({ outcomes, stored, devices }: CancelCommandOptions) {
  return (target: CommandTarget): void => {
    for (const ledger of devices.ledgers()) {
      const pending = devices.queued(ledger, target);
      const device = pending && devices.find(ledger, pending.channel);
      const waiting = pending === undefined ? ledger.waiting.find(target) : undefined;
      // The connector itself cancels settings that the device has: there is no record of that.
      const end = cancelledEnd(ledger, target) ?? { state: 'cancelled' };
      if (device !== undefined && pending !== undefined && pending !== device.delivering) {
        device.queue.remove(pending);
        device.wake?.();
        outcomes.conclude(pending, end);
      } else if (waiting !== undefined) stored.conclude(ledger, waiting, end);
    }
  };
}
