import type { DecodeRecord } from '../intake/decode-record.js';
import type { SignatureCheck } from '../intake/signature-check.js';
import type { NextCommand, WaitingCommand } from '../ledger/waiting-store.js';
import type { Conclusion } from '../outcome/conclusion.js';
import type { Outcomes } from '../outcome/outcomes.js';
import { type CommandLedger, type CommandTarget, type PendingCommand, wasSent } from '../pending-command.js';
import { cancelledEnd } from './cancelled-end.js';
import type { DeliveredCommands } from './delivered-commands.js';
import type { Device } from './device.js';
import { pendingOf } from './pending-of.js';
import { type Supersession, supersededBy } from './supersession.js';

export interface StoredCommandsOptions {
  readonly decode: DecodeRecord;
  readonly outcomes: Outcomes;
  readonly delivered: Pick<DeliveredCommands, 'has'>;
  readonly supersession: Supersession;
  /** Returns why the signature of a command that waited is refused. */
  refusalOf: SignatureCheck['atReturn'];
  /** Returns the channel if it is in memory. */
  find(ledger: CommandLedger, channel: string): Device | undefined;
}

/** Ends commands that are in the store, whether or not they are in the queue of their device, too. */
export interface StoredCommands {
  /** Returns the command to be delivered; undefined where it is not to be, and has ended. */
  admit(ledger: CommandLedger, command: ReadCommand): PendingCommand | undefined;
  /** Ends the command if what came before decides so; returns false where it waits on. */
  endIfDecided(ledger: CommandLedger, command: ReadCommand): boolean;
  /** Returns a command that waits on, to be delivered; undefined where it cannot be read or its signature is refused, and is a dead letter. */
  read(ledger: CommandLedger, command: WaitingCommand): PendingCommand | undefined;
  /** Ends a command that another one replaces, unless an attempt is in flight. */
  supersede(ledger: CommandLedger, offset: number): void;
  conclude(ledger: CommandLedger, command: WaitingCommand, conclusion: Conclusion): void;
  /** Returns the command, which is in no queue any more; undefined where it cannot be read, and is a dead letter. */
  take(ledger: CommandLedger, command: WaitingCommand): PendingCommand | undefined;
  /** Returns the command with this request id; undefined where none waits, or it cannot be read. */
  find(ledger: CommandLedger, target: CommandTarget): PendingCommand | undefined;
  /** Returns true if an attempt of the command is in flight. */
  isAttempted(ledger: CommandLedger, command: WaitingCommand): boolean;
}

/** Read from the changelog, or from the store. */
type ReadCommand = WaitingCommand & Partial<NextCommand>;

export function createStoredCommands(options: StoredCommandsOptions): StoredCommands {
  const { outcomes, supersession } = options;

  function admit(ledger: CommandLedger, command: ReadCommand): PendingCommand | undefined {
    return endIfDecided(ledger, command) ? undefined : readVerified(ledger, command);
  }

  function endIfDecided(ledger: CommandLedger, command: ReadCommand): boolean {
    const earlier = earlierOf(ledger, command);
    if (earlier !== undefined) {
      const pending = read(ledger, command);
      if (pending !== undefined && wasSent(pending)) outcomes.passOver(pending);
      else if (pending !== undefined) outcomes.join(pending, earlier);
      return true;
    }
    const end = endOf(ledger, command);
    if (end !== undefined) conclude(ledger, command, end);
    return end !== undefined;
  }

  /** A command that was kept is checked again: its key may be denied by now, and others may write to the changelog. */
  function readVerified(ledger: CommandLedger, command: WaitingCommand): PendingCommand | undefined {
    const pending = read(ledger, command);
    const refusal = pending && options.refusalOf(pending.record, pending.command);
    if (pending === undefined || refusal === undefined) return pending;
    outcomes.deadLetter(pending.record, ledger, refusal, true);
    return undefined;
  }

  /** Returns the state of an earlier record of the command; undefined where this is the first one. */
  function earlierOf(ledger: CommandLedger, command: ReadCommand): 'delivered' | 'waiting' | undefined {
    if (options.delivered.has(command)) return 'delivered';
    if (command.mayHaveEarlier === false) return undefined;
    const first = ledger.waiting.offsetOf(command);
    return first !== undefined && first < command.record.offset ? 'waiting' : undefined;
  }

  function endOf(ledger: CommandLedger, command: WaitingCommand): Conclusion | undefined {
    const { channel, supersedeKey, supersededBy: newer, issuedAtMs, isRedriven } = command;
    const cancelled = cancelledEnd(ledger, command);
    if (cancelled !== undefined) return cancelled;
    if (newer !== undefined) return supersededBy(newer);
    const issued = { supersedeKey, timestamp: new Date(issuedAtMs) };
    return supersession.endOf({ channel, command: issued, isRedriven });
  }

  function supersede(ledger: CommandLedger, offset: number): void {
    const command = ledger.waiting.get(offset);
    if (command === undefined || isAttempted(ledger, command)) return;
    conclude(ledger, command, { state: 'superseded', reason: `by ${command.supersededBy}` });
  }

  function conclude(ledger: CommandLedger, command: WaitingCommand, conclusion: Conclusion): void {
    const pending = take(ledger, command);
    if (pending !== undefined) outcomes.conclude(pending, conclusion);
  }

  function take(ledger: CommandLedger, command: WaitingCommand): PendingCommand | undefined {
    const queue = options.find(ledger, command.channel)?.queue;
    const pending = queue?.get(command.requestId);
    if (pending?.record.offset !== command.record.offset) return read(ledger, command);
    queue?.remove(pending);
    return pending;
  }

  function find(ledger: CommandLedger, target: CommandTarget): PendingCommand | undefined {
    const command = ledger.waiting.find(target);
    return command && take(ledger, command);
  }

  function isAttempted(ledger: CommandLedger, { channel, record }: WaitingCommand): boolean {
    return options.find(ledger, channel)?.delivering?.record.offset === record.offset;
  }

  function read(ledger: CommandLedger, command: WaitingCommand): PendingCommand | undefined {
    const found = pendingOf(command, ledger, options.decode);
    if ('pending' in found) return found.pending;
    outcomes.deadLetter(command.record, ledger, found.problem, true);
    return undefined;
  }

  return { admit, endIfDecided, read: readVerified, supersede, conclude, take, find, isAttempted };
}
