import type { Outcomes } from '../outcome/outcomes.js';
import type { CommandLedger, PendingCommand } from '../pending-command.js';
import type { AwaitedAnswers } from './awaited-answers.js';
import type { DeliveryLoop } from './delivery-loop.js';
import type { Devices } from './devices.js';
import type { ReturningCommands } from './returning-commands.js';
import type { WaitingDevices } from './waiting-devices.js';

/** Takes leave of a partition that goes to another connector, in the order of these calls. */
export interface LeavingPartitions {
  /** Starts no new attempt of this partition, and resolves when none is in flight. */
  drain(ledger: CommandLedger): Promise<void>;
  /** Puts into the changelog what has been attempted, so that the next owner of the partition knows. */
  deferAttempted(ledger: CommandLedger): Promise<void>;
  /** Forgets everything of this partition. */
  drop(ledger: CommandLedger): void;
}

export interface LeavingPartitionsOptions {
  readonly outcomes: Pick<Outcomes, 'defer'>;
  readonly devices: Pick<Devices, 'of' | 'close' | 'ledgers'>;
  readonly loop: Pick<DeliveryLoop, 'idle'>;
  readonly awaited: Pick<AwaitedAnswers, 'release'>;
  readonly returning: Pick<ReturningCommands, 'drop'>;
  readonly sleeping: Pick<WaitingDevices, 'unload' | 'sleep' | 'stop'>;
  /** The command is forgotten. */
  onDropped(pending: PendingCommand): void;
}

export function createLeavingPartitions(options: LeavingPartitionsOptions): LeavingPartitions {
  const { outcomes, devices, loop, awaited, returning, sleeping } = options;

  return {
    async drain(ledger) {
      ledger.end();
      for (const device of devices.of(ledger)) device.wake?.();
      await loop.idle(ledger);
    },
    async deferAttempted(ledger) {
      for (const device of devices.of(ledger)) {
        awaited.release(device);
        sleeping.unload(device);
        for (const pending of device.queue.all()) {
          if (pending.attempts.started === pending.knownAttempts) continue;
          device.queue.remove(pending);
          outcomes.defer(pending, { reason: 'its partition goes to another connector' }, () => {});
        }
      }
      await ledger.keepAttempts();
    },
    drop(ledger) {
      for (const device of devices.of(ledger)) {
        awaited.release(device);
        returning.drop(device);
        if (device.isAwake) sleeping.sleep(device);
        for (const pending of device.queue.all()) options.onDropped(pending);
      }
      devices.close(ledger);
      if ([...devices.ledgers()].length === 0) sleeping.stop();
    },
  };
}
