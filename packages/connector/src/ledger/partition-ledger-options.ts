import type { ConsumedRecord, Logger, ProcessedPosition } from '@preservarium/backend';
import type { PusherError } from '@preservarium/core';
import type { DeviceReport } from '@preservarium/deliverer';
import type { ChannelOf } from '../channel.js';
import type { DecodeRecord } from '../intake/decode-record.js';
import type { SignatureCheck } from '../intake/signature-check.js';
import type { Appender } from '../outcome/appender.js';
import type { CommandLedger, CommandTarget } from '../pending-command.js';
import type { SeenSignatures } from './seen-signatures.js';
import type { ChangelogStart } from './stored-position.js';
import type { WaitingCommand, WaitingCommands } from './waiting-store.js';

/** The signatures of accepted commands, which the next owners must know. */
interface LedgerSignatures extends Pick<SeenSignatures, 'takeFresh' | 'restore'> {
  /** How long one is needed after a newer one, in milliseconds. */
  readonly windowMs: number;
}

export interface PartitionLedgerOptions {
  readonly partition: number;
  /** True if the group had committed nothing of the partition of the command topic when it was assigned. */
  readonly isFirstStart: boolean;
  /** True if the command topic was deleted and created again: what the changelog says of its offsets is dropped. */
  readonly isNewTopic: boolean;
  /** Where reading the changelog starts. */
  readonly changelogStart: ChangelogStart;
  readonly groupId: string;
  /** The protocol of this connector. */
  readonly protocol: string;
  readonly commandTopic: string;
  readonly waitingTopic: string;
  readonly logger: Logger;
  readonly clock: () => number;
  /** The waiting commands of this partition. */
  readonly waiting: WaitingCommands;
  readonly maxWaitMs: number;
  readonly channelOf: ChannelOf;
  readonly decode: DecodeRecord;
  /** Undefined: signatures are not checked. */
  readonly signatures: LedgerSignatures | undefined;
  readonly appender: Appender;
  markProcessed(position: ProcessedPosition): void;
  /** A command waits from now on; it is in the store. Those that waited when the partition was owned are there only. */
  onDeferred(ledger: CommandLedger, command: WaitingCommand): void;
  onCancelled(target: CommandTarget): void;
  /** Another connector has written the event of a report. Returns true if it ends a command. */
  onAnswered(report: DeviceReport): boolean;
  /** Returns true while the connector has a command of this device and request id. */
  isPending(target: CommandTarget): boolean;
  /** Returns why a cancellation is refused for its signature. */
  refusalOfCancellation: SignatureCheck['cancellation'];
  onUnknown(ledger: CommandLedger, record: ConsumedRecord, reason: string): void;
  /** The end of the command topic is to be asked for. */
  onOffsetsNeeded(): void;
  /** The changelog has been read up to this connector's claim: commands may be delivered. */
  onOwned(ledger: CommandLedger): void;
  /** The topics must be read again, with a new ledger: one of them is not the one that was known. */
  onReread(): void;
  /** Another connector owns the partition. */
  onLost(ledger: CommandLedger): void;
  onFatal(error: PusherError): void;
}
