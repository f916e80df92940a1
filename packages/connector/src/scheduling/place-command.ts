import type { Wait } from '../outcome/conclusion.js';
import type { Outcomes } from '../outcome/outcomes.js';
import type { PendingCommand } from '../pending-command.js';
import { cancelledEnd } from './cancelled-end.js';
import type { DeliveredCommands } from './delivered-commands.js';
import { away, type Device, hasWaiting, waitBehindOthers } from './device.js';
import { conclusionOf, type RequiredProof } from './required-proof.js';
import { type Supersession, supersededBy } from './supersession.js';

export interface PlaceCommandOptions {
  readonly outcomes: Pick<Outcomes, 'join' | 'conclude' | 'endWritten'>;
  readonly proof: RequiredProof;
  readonly delivered: Pick<DeliveredCommands, 'has'>;
  readonly supersession: Supersession;
  isAway(deviceId: string): boolean;
  defer(device: Device, pending: PendingCommand, wait: Wait): void;
  /** The queue of the device has a command. */
  serve(device: Device): void;
}

/**
 * Returns the function that gives a new command its place: with an earlier record of the same command, at its end if that is decided already, behind
 * the waiting commands of its device, or in the queue.
 */
export function createPlaceCommand(options: PlaceCommandOptions) {
  const { outcomes, proof, delivered, supersession } = options;

  function place(device: Device, pending: PendingCommand): void {
    const earlier = earlierOf(device, pending);
    if (earlier !== undefined) {
      outcomes.join(pending, earlier);
      return;
    }
    const cancelled = cancelledEnd(pending.ledger, pending.command);
    if (cancelled === undefined && endByAnswer(pending)) return;
    const end = cancelled ?? supersession.endOf(pending);
    if (end !== undefined) outcomes.conclude(pending, end);
    else if (hasWaiting(device)) {
      const wait = options.isAway(device.deviceId) ? away : waitBehindOthers(device, pending);
      options.defer(device, pending, wait);
    } else enqueue(device, pending);
  }

  /** Returns the state of an earlier record of the command; undefined where this is the first one. */
  function earlierOf(
    device: Device,
    { command, ledger }: PendingCommand,
  ): 'delivered' | 'waiting' | undefined {
    if (delivered.has(command)) return 'delivered';
    const isWaiting =
      device.queue.get(command.requestId) !== undefined ||
      (device.hasStored && ledger.waiting.offsetOf(command) !== undefined);
    return isWaiting ? 'waiting' : undefined;
  }

  /** Ends a repeat that its device has answered to another connector; returns false for any other command. */
  function endByAnswer(pending: PendingCommand): boolean {
    if (!pending.mayBeRepeat) return false;
    const report = pending.ledger.answerTo(pending.command);
    const conclusion = report && conclusionOf(report);
    if (conclusion === undefined || !proof.endsBy(pending.command, conclusion)) return false;
    if (pending.isRedriven) outcomes.join(pending, 'delivered');
    else outcomes.endWritten(pending, conclusion);
    return true;
  }

  function enqueue(device: Device, pending: PendingCommand): void {
    supersedeOlder(device, pending);
    device.queue.add(pending);
    options.serve(device);
  }

  function supersedeOlder(device: Device, newer: PendingCommand): void {
    const { supersedeKey } = newer.command;
    if (supersedeKey === undefined) return;
    const older = device.queue.newestOf(supersedeKey);
    if (older === undefined || older === device.delivering) return;
    if (older.record.offset >= newer.record.offset) return;
    device.queue.remove(older);
    device.wake?.();
    outcomes.conclude(older, supersededBy(newer.command.requestId));
  }

  return place;
}
