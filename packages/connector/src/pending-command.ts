import type { ConsumedRecord, PublishRecord } from '@preservarium/backend';
import type { CommandMessage } from '@preservarium/core';
import type { DeviceReport } from '@preservarium/deliverer';
import type { Attempts } from './attempts.js';
import type { WaitingCommand, WaitingCommands } from './ledger/waiting-store.js';
import type { Appender } from './outcome/appender.js';

/** Names the commands with a request id of one device. */
export type CommandTarget = Pick<CommandMessage, 'deviceId' | 'requestId'>;

/** A command that is cancelled, and by whom; absent where that is not known. */
export type CancelledCommand = CommandTarget & Pick<CommandMessage, 'issuedBy'>;

/** The part of a partition's ledger that a pending command needs. */
export interface CommandLedger {
  readonly partition: number;
  /** Writes what follows from the commands of the partition. */
  readonly appender: Appender;
  /** The waiting commands of the partition. */
  readonly waiting: WaitingCommands;
  /** The claim under which the partition is owned; events carry it. Undefined before. */
  readonly claimEpoch: number | undefined;
  /** Aborted when the attempts in flight are abandoned. */
  readonly abandoned: AbortSignal;
  /** No new attempt starts. */
  readonly isEnding: boolean;
  /** Another connector may own the partition: nothing more is marked as processed. */
  readonly isGone: boolean;
  /** Returns true while no other connector can own the partition: an attempt may start. */
  isLeased(): boolean;
  /** Resolves once `isLeased` is true, or no attempt starts any more. */
  untilLeased(): Promise<void>;
  /** Starts no new attempt. */
  end(): void;
  /** Returns true if the device may have a command that waits already. */
  isWaitingRepeat(command: WaitingCommand): boolean;
  /** Returns the cancellation of a command; undefined where nobody cancels it. */
  cancellationOf(target: CommandTarget): CancelledCommand | undefined;
  /** The report of the device that another connector has read. */
  answerTo(target: CommandTarget): DeviceReport | undefined;
  /** The record is processed: what is below the lowest one that is not may be committed. */
  markProcessed(record: { readonly topic: string; readonly offset: number }): void;
  /** The record of the changelog that keeps the command. */
  deferredRecord(pending: PendingCommand): PublishRecord;
  /** Writes attempts of waiting commands that the changelog does not know of; resolves when Kafka has them. */
  keepAttempts(): Promise<void>;
  /** A command that waits has ended: it is not delivered any more. @param record of the command topic */
  endWaiting(record: Pick<ConsumedRecord, 'offset'>): void;
  /** The record of the changelog that says that a deferred command has ended. @param record of the command topic */
  doneRecord(record: ConsumedRecord): PublishRecord;
}

/** A command that was taken from Kafka and has not ended. */
export interface PendingCommand {
  readonly command: CommandMessage;
  /**
   * Of the command topic; it says where the command was first read, also where it comes from the changelog. Its offset is the place of the command: see
   * `ledger/topic-generation.ts`.
   */
  readonly record: ConsumedRecord;
  readonly ledger: CommandLedger;
  /** The commands of its device among which it keeps its order: see `channel.ts`. */
  readonly channel: string;
  /** Since when it waits, in milliseconds since 1970; undefined where it does not. */
  readonly waitingSinceMs: number | undefined;
  /** The device may have it already. */
  readonly mayBeRepeat: boolean;
  /** It was sent again from the dead letters: newer commands may have gone before it. */
  readonly isRedriven: boolean;
  readonly attempts: Attempts;
  /** The attempts that the ledger knows of. */
  readonly knownAttempts: number;
  /** It takes no capacity among the commands in flight any more. */
  hasLeft: boolean;
}

/** Returns true if the device may have the command. */
export function wasSent({
  attempts,
  mayBeRepeat,
}: Pick<PendingCommand, 'attempts' | 'mayBeRepeat'>): boolean {
  return mayBeRepeat || attempts.sent;
}
