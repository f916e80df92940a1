import { type ConsumedRecord, createRateLimitedLog } from '@preservarium/backend';
import {
  ConfigurationError,
  decodeCancellation,
  decodeLifecycleEvent,
  type LifecycleEvent,
} from '@preservarium/core';
import type { DeviceReport } from '@preservarium/deliverer';
import type { CommandTarget } from '../pending-command.js';
import type { Cancellations } from './cancellations.js';
import { type ChangelogEntry, type DeferredCommand, type Owner, readChangelogRecord } from './changelog.js';
import { createChangelogBase } from './changelog-base.js';
import { type Checkpoint, encodeCheckpoint } from './checkpoint.js';
import { type Claim, createClaims, noClaim } from './claims.js';
import { termsOf } from './command-terms.js';
import { createKeptSignatures } from './kept-signatures.js';
import type { LedgerState } from './ledger-state.js';
import type { PartitionLedgerOptions } from './partition-ledger-options.js';
import type { Progress } from './progress.js';
import { type ChangelogStart, createStoredPosition } from './stored-position.js';
import type { WaitingCommand } from './waiting-store.js';

type LedgerOptions =
  | 'partition'
  | 'groupId'
  | 'commandTopic'
  | 'waitingTopic'
  | 'logger'
  | 'waiting'
  | 'maxWaitMs'
  | 'channelOf'
  | 'decode'
  | 'markProcessed'
  | 'refusalOfCancellation'
  | 'signatures'
  | 'onFatal';

export interface ChangelogReaderOptions extends Pick<PartitionLedgerOptions, LedgerOptions> {
  readonly start: ChangelogStart;
  readonly state: LedgerState;
  readonly cancellations: Cancellations;
  /** A claim for this group; it is the newest one if it is valid. */
  onClaim(claim: Claim, isValid: boolean, offset: number): void;
  /** A command waits that did not before. */
  onDeferred(command: WaitingCommand): void;
  onProgress(progress: Progress, leaseId: string | undefined): void;
  onCancellation(target: CommandTarget): void;
  onAnswer(report: DeviceReport): void;
  onUnknown(record: ConsumedRecord, reason: string): void;
  /** The changelog is not the one that the store knew, and must be read from its base. */
  onMismatch(): void;
}

/** Reads one partition of the changelog into the store, and knows how much of it the next owner must read. */
export interface ChangelogReader {
  read(records: readonly ConsumedRecord[]): void;
  /** The next owner need not read this record. */
  release(offsets: readonly number[]): void;
  /** Commands below this place are not read again. */
  processed(nextPlace: number): void;
  /** The newest valid claim. */
  newestClaim(): Claim;
  /** Returns true if the last record that counts says that nothing is left in flight; undefined where there is none. */
  wasHandedOver(): boolean | undefined;
  /** The owner of another claim may have made attempts of which nothing more was written. */
  forgetHandover(): void;
  /** How many offsets the next owner would read. */
  span(): number;
  /** The offset in the middle of the span. */
  middle(): number;
}

export function createChangelogReader(options: ChangelogReaderOptions): ChangelogReader {
  const { partition, groupId, commandTopic, waitingTopic, waiting, state, cancellations } = options;
  const warnings = createRateLimitedLog(options.logger);
  const stored = createStoredPosition(waiting, options.start, onDropped);
  const signatures = createKeptSignatures(options.signatures?.windowMs);
  const base = createChangelogBase(options.start.nextOffset, waiting.firstPin, signatures.firstPin);
  /** Records that are no entries, until they are dead letters. */
  const unknown = new Set<number>();
  let claims = createClaims(noClaim);
  let wasHandedOver: boolean | undefined;
  let progress: Checkpoint['progress'];

  function read(records: readonly ConsumedRecord[]): void {
    for (const record of records) {
      // Its commands are no longer this connector's to deliver or to count.
      if (state.isGone) return;
      const known = stored.accept(record);
      if (known === 'mismatch') {
        options.onMismatch();
        return;
      }
      base.pass(record.offset);
      if (known === 'resume') resume(stored.checkpoint());
      else readRecord(record);
    }
    const last = records.at(-1);
    if (last === undefined) return;
    if (unknown.size === 0) waiting.keep(() => checkpointAt(last));
    moveBase();
  }

  function readRecord(record: ConsumedRecord): void {
    const { offset } = record;
    const entry = readChangelogRecord(record);
    if (entry.type === 'unknown') {
      unknown.add(offset);
      base.hold(offset);
      options.onUnknown(record, entry.reason);
    } else if (entry.type === 'cancel') readCancellation(record);
    else if (entry.type === 'answer') readAnswer(record);
    else if (entry.type === 'claim') readClaim(entry, offset);
    // Else it is of another group, or its writer did not know yet that another connector had claimed the partition.
    else if (entry.groupId === groupId && entry.claimId === claims.current().claimId) {
      readOwned(entry, offset);
    }
  }

  function readOwned(
    entry: Exclude<Extract<ChangelogEntry, Owner>, { type: 'claim' }>,
    offset: number,
  ): void {
    wasHandedOver = entry.type === 'handover';
    if (entry.type === 'deferred') readDeferred(entry.deferred, offset);
    else if (entry.type === 'done') waiting.remove(entry.source.offset);
    else if (entry.type === 'progress') {
      if (progress !== undefined) base.release(progress.offset);
      base.hold(offset);
      const { signatures: accepted = [], ...content } = entry.progress;
      progress = { offset, content };
      signatures.add(offset, accepted);
      if (state.isReading) options.signatures?.restore(partition, accepted);
      options.onProgress(content, entry.leaseId);
    }
  }

  function readDeferred(deferred: DeferredCommand, changelogOffset: number): void {
    const command = { ...deferred, ...termsOf(deferred, options), changelogOffset };
    if (!waiting.add(command)) return;
    if (!state.isReading) options.onDeferred({ ...command, supersededBy: undefined });
    else if (command.supersedeKey !== undefined && !cancellations.has(command))
      waiting.supersede(deferred.record.offset);
  }

  function readCancellation(record: ConsumedRecord): void {
    const { offset, value } = record;
    const decoded = decodeCancellation(value);
    if (!decoded.ok) {
      warnings.warn('a cancellation is unreadable', { partition, offset, reason: decoded.message });
      return;
    }
    if (options.refusalOfCancellation(record, decoded.cancellation) !== undefined) return;
    base.hold(offset);
    cancellations.add(decoded.cancellation, offset);
    options.onCancellation(decoded.cancellation);
  }

  /** Its command was sent by an owner, which knows the command, or by one that crashed: the next owner reads it from the base. */
  function readAnswer({ offset, value }: ConsumedRecord): void {
    const decoded = decodeLifecycleEvent(value);
    const report = decoded.ok ? reportOf(decoded.event) : undefined;
    if (report !== undefined) options.onAnswer(report);
    else warnings.warn('an answer is unreadable', { partition, offset });
  }

  function readClaim(entry: Extract<ChangelogEntry, { type: 'claim' }>, offset: number): void {
    if (entry.commandTopic !== commandTopic) refuseTopic(entry.commandTopic);
    if (entry.groupId !== groupId) return;
    const isValid = claims.read(entry);
    if (isValid) base.addClaim(offset);
    options.onClaim(entry, isValid, offset);
  }

  function refuseTopic(topic: string): void {
    options.onFatal(
      new ConfigurationError(
        `topic "${waitingTopic}" keeps what waits of command topic "${topic}", not of "${commandTopic}": ` +
          'each command topic needs a waiting topic of its own (topics.waiting)',
      ),
    );
  }

  function onDropped(commands: number): void {
    options.logger.error(
      { partition, topic: waitingTopic, commands },
      'the waiting topic was created anew: the store is read from it again',
    );
  }

  /** The store has the changelog up to here. */
  function resume(checkpoint: Checkpoint): void {
    claims = createClaims(checkpoint.claim);
    wasHandedOver = checkpoint.wasHandedOver;
    progress = checkpoint.progress;
    if (progress !== undefined) options.onProgress(progress.content, undefined);
    for (const cancellation of checkpoint.cancellations) cancellations.add(cancellation, cancellation.offset);
    signatures.resume(checkpoint.signatures);
    base.resume(checkpoint);
  }

  function checkpointAt({ offset, timestampMs }: ConsumedRecord): string {
    return encodeCheckpoint({
      last: { offset, timestampMs },
      claim: claims.current(),
      claimOffsets: base.claims(),
      progress,
      wasHandedOver,
      cancellations: cancellations.all(),
      signatures: signatures.spans(),
    });
  }

  function moveBase(): void {
    if (state.isGone) return;
    const nextOffset = base.moved();
    if (nextOffset !== undefined) options.markProcessed({ topic: waitingTopic, partition, nextOffset });
  }

  return {
    read,
    release(offsets) {
      for (const offset of offsets) {
        unknown.delete(offset);
        base.release(offset);
      }
      moveBase();
    },
    newestClaim: () => claims.current(),
    wasHandedOver: () => wasHandedOver,
    forgetHandover() {
      wasHandedOver = false;
    },
    processed: signatures.processed,
    span: base.span,
    middle: base.middle,
  };
}

function reportOf({ requestId, deviceId, state }: LifecycleEvent): DeviceReport | undefined {
  const isReport =
    state === 'delivered' || state === 'succeeded' || state === 'failed' || state === 'rejected';
  return isReport ? { requestId, deviceId, state } : undefined;
}
