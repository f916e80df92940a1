import type { DeviceReport } from '@preservarium/deliverer';
import type { Outcomes } from '../outcome/outcomes.js';
import { type PendingCommand, wasSent } from '../pending-command.js';
import type { AwaitedAnswers } from './awaited-answers.js';
import type { DeliveredCommands } from './delivered-commands.js';
import type { Device } from './device.js';
import type { Devices } from './devices.js';
import { conclusionOf, type RequiredProof } from './required-proof.js';
import type { StoredCommands } from './stored-commands.js';

export interface DeviceAnswersOptions {
  readonly outcomes: Pick<Outcomes, 'conclude' | 'endWritten'>;
  readonly proof: RequiredProof;
  readonly awaited: Pick<AwaitedAnswers, 'endRest'>;
  readonly delivered: Pick<DeliveredCommands, 'add'>;
  readonly stored: Pick<StoredCommands, 'find'>;
  readonly devices: Pick<Devices, 'ledgers' | 'find' | 'queued' | 'channelsOf'>;
  reachable(deviceId: string): void;
}

/**
 * Returns the function that ends a command by the report of its device, wherever the command is. It returns a promise that resolves when the end
 * is in Kafka; undefined where no command ends by the report.
 *
 * `isWritten` tells that the event of the report is in Kafka.
 */
export function createDeviceAnswers(options: DeviceAnswersOptions) {
  const { outcomes, proof, awaited, stored, devices } = options;

  return (report: DeviceReport, isWritten = false): Promise<void> | undefined => {
    const { deviceId, requestId } = report;
    const conclusion = conclusionOf(report);
    for (const ledger of devices.ledgers()) {
      const pending =
        devices.queued(ledger, report) ??
        stored.find(ledger, report) ??
        comingBack(devices.channelsOf(ledger, deviceId), requestId);
      if (pending === undefined || !wasSent(pending) || !proof.endsBy(pending.command, conclusion)) continue;
      const device = devices.find(ledger, pending.channel);
      options.delivered.add(report);
      awaited.endRest(pending.channel);
      // It is passed over when it is here again.
      if (device?.comingBack.has(pending.record.offset)) return isWritten ? Promise.resolve() : undefined;
      device?.queue.remove(pending);
      if (device !== undefined && device.delivering === pending) device.endedInFlight = pending;
      const written = isWritten
        ? outcomes.endWritten(pending, conclusion)
        : outcomes.conclude(pending, conclusion);
      options.reachable(deviceId);
      return Promise.resolve(written);
    }
    return undefined;
  };
}

/** A command on its way through the changelog; undefined where the device cannot have it. */
function comingBack(channels: readonly Device[], requestId: string): PendingCommand | undefined {
  for (const device of channels) {
    for (const waiting of device.comingBack.values()) {
      if (waiting.requestId === requestId) return waiting.sent;
    }
  }
  return undefined;
}
