import { randomUUID } from 'node:crypto';
import type {
  ConsumedRecord,
  Logger,
  PartitionOffsets,
  ProcessedPosition,
  PublishRecord,
} from '@preservarium/backend';
import { ConfigurationError, decodeCancellation, type PusherError } from '@preservarium/core';
import type { CommandLedger, CommandTarget, PendingCommand } from '../pending-command.js';
import { createCancellations } from './cancellations.js';
import {
  type ChangelogEntry,
  type ChangelogPlace,
  claimRecord,
  type DeferredCommand,
  deferredRecord,
  doneRecord,
  handoverRecord,
  type Owner,
  progressRecord,
  readChangelogRecord,
} from './changelog.js';
import { createChangelogPins } from './changelog-pins.js';
import { createClaims } from './claims.js';
import { createDeferredCommands } from './deferred-commands.js';
import { createEndedCommands } from './ended-commands.js';
import { createOffsetWindow } from './offset-window.js';
import { createOwnershipLease } from './ownership-lease.js';

const progressIntervalMs = 100;
/** The changelog grows by so many records before what is still needed of it is written anew, and four times what waits in it. */
const maxSpanRecords = 20_000;
/** Long before retention could remove them, what the next owner must read is written anew. */
const renewalIntervalMs = 24 * 3600_000;

export interface PartitionLedgerOptions {
  readonly partition: number;
  /** True if the group had committed nothing of the partition of the command topic when it was assigned. */
  readonly isFirstStart: boolean;
  readonly groupId: string;
  readonly commandTopic: string;
  readonly waitingTopic: string;
  readonly logger: Logger;
  readonly clock: () => number;
  append(record: PublishRecord): Promise<void>;
  markProcessed(position: ProcessedPosition): void;
  /** A command that waits: all of them when the partition is owned, later ones as they come. */
  onDeferred(ledger: PartitionLedger, deferred: DeferredCommand, mayBeRepeat: boolean): void;
  onCancelled(target: CommandTarget): void;
  /** Returns true while the connector has a command of this device and request id. */
  isPending(target: CommandTarget): boolean;
  onUnknown(ledger: PartitionLedger, record: ConsumedRecord, reason: string): void;
  /** Old entries of waiting commands must be written anew. */
  onRenewal(ledger: PartitionLedger): void;
  /** The end of the command topic is to be asked for. */
  onOffsetsNeeded(): void;
  /** The changelog has been read up to this connector's claim: commands may be delivered. */
  onOwned(): void;
  /** Another connector owns the partition. */
  onLost(ledger: PartitionLedger): void;
  onFatal(error: PusherError): void;
}

/** Where the partition of the command topic ends. */
type LedgerOffsets = Pick<PartitionOffsets, 'endOffset'>;

/**
 * The state of one partition of the command topic and of its changelog, from its assignment to its revoke. Kafka's log
 * arbitrates; this is a cache of it.
 */
export interface PartitionLedger extends CommandLedger {
  /** Resolves when the partition is owned. */
  readonly owned: Promise<void>;
  isOwned(): boolean;
  /** Writes a claim, unless the partition is owned. */
  claim(): void;
  /** Reads the next record of the changelog. */
  read(record: ConsumedRecord): void;
  /** Takes the next record of the command topic; returns false for one that has ended already, which is processed thereby. */
  take(record: ConsumedRecord): boolean;
  /** Returns true if the device may have the command of this record already. */
  mayBeRepeat(record: ConsumedRecord): boolean;
  /** Returns the function that takes what Kafka says of the command topic; to be called before Kafka is asked. */
  awaitOffsets(): (offsets: LedgerOffsets) => void;
  abandon(): void;
  /** Returns true if the entry of this waiting command must be written anew. */
  isOld(pending: PendingCommand): boolean;
  /** Waits for the promise, or until the ledger ends. */
  unlessEnding(promise: Promise<unknown>): Promise<void>;
  /** Writes what the next owner must know. @param isClean no attempt is left without an answer */
  handOver(isClean: boolean): Promise<void>;
  /** Marks nothing as processed any more. */
  leave(): void;
}

export function createPartitionLedger(options: PartitionLedgerOptions): PartitionLedger {
  const { partition, groupId, commandTopic, waitingTopic, logger } = options;
  const changelog = createOffsetWindow();
  const claims = createClaims();
  const pins = createChangelogPins(forget);
  const deferredCommands = createDeferredCommands(pins);
  const endedCommands = createEndedCommands(logger);
  const cancellations = createCancellations(options.isPending);
  const lease = createOwnershipLease(() => ({ monotonicMs: performance.now(), wallMs: options.clock() }));
  const abandoned = new AbortController();
  const owned = Promise.withResolvers<void>();
  const waiters = new Set<() => void>();
  const ownClaimIds = new Set<string>();
  let state: 'reading' | 'owned' | 'ending' | 'gone' = 'reading';
  let place: ChangelogPlace = { waitingTopic, partition, groupId, claimId: '' };
  let offsets: LedgerOffsets | undefined;
  let wasHandedOver: boolean | undefined;
  let progressAt: number | undefined;
  let progressTimer: NodeJS.Timeout | undefined;
  /** A claim that this owner has written anew and not read yet. */
  let renewalId: string | undefined;
  let renewalTimer: NodeJS.Timeout | undefined;
  let oldBelow = 0;
  let leased: PromiseWithResolvers<void> | undefined;

  // ---- read the changelog

  function read(record: ConsumedRecord): void {
    // Its commands are no longer this connector's to deliver or to count.
    if (state === 'gone') return;
    const { offset } = record;
    changelog.take(offset);
    if (changelog.span() > maxSpanRecords + 4 * deferredCommands.size()) renew();
    const entry = readChangelogRecord(record);
    if (entry.type === 'unknown') options.onUnknown(ledger, record, entry.reason);
    else if (entry.type === 'cancel') readCancellation(record);
    else if (entry.groupId !== groupId) readForeign(entry, offset);
    else if (entry.type === 'claim') readClaim(entry, offset);
    else if (claims.isCurrent(entry.claimId)) readOwned(entry, offset);
    // Else its writer did not know yet that another connector had claimed the partition.
    else forget(offset);
  }

  function readForeign(entry: Extract<ChangelogEntry, Owner>, offset: number): void {
    if (entry.type === 'claim') requireCommandTopic(entry.commandTopic);
    forget(offset);
  }

  function readOwned(
    entry: Exclude<Extract<ChangelogEntry, Owner>, { type: 'claim' }>,
    offset: number,
  ): void {
    wasHandedOver = entry.type === 'handover';
    if (entry.type === 'deferred') {
      const isKnown = deferredCommands.add(entry.deferred, offset);
      if (state !== 'reading' && !isKnown) {
        // Not when it is written: what an owner writes after the claim of another one counts for no reader.
        markProcessed({ topic: commandTopic, offset: entry.deferred.record.offset });
        options.onDeferred(ledger, entry.deferred, entry.deferred.mayBeRepeat);
      }
    } else if (entry.type === 'progress') {
      pins.remove(progressAt);
      pins.add(offset);
      progressAt = offset;
      if (state === 'reading') endedCommands.restore(entry.progress);
      else if (entry.leaseId !== undefined) readLease(entry.leaseId);
    } else {
      if (entry.type === 'done') deferredCommands.end(entry.source);
      forget(offset);
    }
  }

  function readCancellation(record: ConsumedRecord): void {
    const decoded = decodeCancellation(record.value);
    if (!decoded.ok) {
      const fields = { partition, offset: record.offset, reason: decoded.message };
      logger.warn(fields, 'a cancellation is unreadable');
      forget(record.offset);
      return;
    }
    cancellations.add(decoded.cancellation, record.offset);
    if (state !== 'owned') return;
    options.onCancelled(decoded.cancellation);
    options.onOffsetsNeeded();
  }

  /** The next owner need not read this record of the changelog. */
  function forget(offset: number): void {
    ledger.markProcessed({ topic: waitingTopic, offset });
  }

  // ---- claims

  function claim(): void {
    if (state === 'reading') writeClaim(randomUUID());
  }

  function writeClaim(claimId: string): void {
    ownClaimIds.add(claimId);
    void options.append(claimRecord({ ...place, claimId }, { epoch: claims.nextEpoch(), commandTopic }));
  }

  function readClaim(entry: Extract<ChangelogEntry, { type: 'claim' }>, offset: number): void {
    requireCommandTopic(entry.commandTopic);
    const isOwn = ownClaimIds.has(entry.claimId);
    if (!claims.read(entry)) {
      forget(offset);
      // Another connector claimed the partition first, or its earlier claims were not read yet.
      if (isOwn) claim();
      return;
    }
    pins.addClaim(offset);
    if (isOwn) own(entry.claimId, offset);
    else loseTo();
  }

  function requireCommandTopic(topic: string): void {
    if (topic === commandTopic) return;
    options.onFatal(
      new ConfigurationError(
        `topic "${waitingTopic}" keeps what waits of command topic "${topic}", not of "${commandTopic}": ` +
          'each command topic needs a waiting topic of its own (topics.waiting)',
      ),
    );
  }

  function own(claimId: string, offset: number): void {
    if (claimId === renewalId) renewalId = undefined;
    if (state !== 'reading') return;
    place = { ...place, claimId };
    state = 'owned';
    const { endOffset = 0 } = offsets ?? {};
    const isFirstOwner = options.isFirstStart && wasHandedOver === undefined;
    const deferredBefore = deferredCommands.takeAll();
    endedCommands.own(endOffset, offset, !isFirstOwner && wasHandedOver !== true, deferredBefore);
    for (const deferred of deferredBefore) {
      const at = deferredCommands.offsetOf(deferred.record);
      options.onDeferred(ledger, deferred, deferred.mayBeRepeat || endedCommands.mayBeDeferredRepeat(at));
    }
    owned.resolve();
    options.onOwned();
    if (!cancellations.isEmpty()) options.onOffsetsNeeded();
    void writeProgress();
    scheduleRenewal();
  }

  function loseTo(): void {
    // The owner of the other claim may have made attempts of which nothing more was written.
    wasHandedOver = false;
    if (state !== 'owned') return;
    const fields = { partition, groupId };
    logger.warn(fields, 'another connector owns the partition: this one stops delivering its commands');
    ledger.end();
    abandoned.abort();
    ledger.leave();
    options.onLost(ledger);
  }

  function readLease(id: string): void {
    lease.confirm(id);
    if (leased === undefined) return;
    if (lease.isValid()) {
      leased.resolve();
      leased = undefined;
    } else void writeProgress();
  }

  function untilLeased(): Promise<void> {
    if (leased === undefined) {
      leased = Promise.withResolvers();
      void writeProgress();
    }
    return ledger.unlessEnding(leased.promise);
  }

  /** Claims the partition anew, so that the base can pass the last claim, and has the older half of what waits written under the new one. */
  function renew(): void {
    if (state !== 'owned' || renewalId !== undefined) return;
    renewalId = randomUUID();
    writeClaim(renewalId);
    oldBelow = changelog.middle();
    place = { ...place, claimId: renewalId };
    void writeProgress();
    options.onRenewal(ledger);
    scheduleRenewal();
  }

  function scheduleRenewal(): void {
    clearTimeout(renewalTimer);
    renewalTimer = setTimeout(renew, renewalIntervalMs).unref();
  }

  // ---- the command topic

  function take(record: ConsumedRecord): boolean {
    const isNew = endedCommands.take(record);
    if (!isNew) ledger.markProcessed(record);
    return isNew;
  }

  function scheduleProgress(): void {
    if (place.claimId === '' || state === 'gone' || progressTimer !== undefined) return;
    progressTimer = setTimeout(writeProgress, progressIntervalMs);
  }

  function writeProgress(): Promise<void> {
    clearTimeout(progressTimer);
    progressTimer = undefined;
    return options.append(progressRecord(place, endedCommands.progress(), lease.ask()));
  }

  function markProcessed({ topic, offset }: { readonly topic: string; readonly offset: number }): void {
    const isCommand = topic === commandTopic;
    const nextOffset = isCommand ? endedCommands.end(offset) : changelog.finish(offset);
    if (isCommand) scheduleProgress();
    if (nextOffset === undefined || state === 'gone') return;
    options.markProcessed({ topic, partition, nextOffset });
    if (!isCommand || cancellations.isEmpty()) return;
    for (const settled of cancellations.takeSettled(nextOffset)) forget(settled);
  }

  const ledger: PartitionLedger = {
    partition,
    abandoned: abandoned.signal,
    owned: owned.promise,
    get isEnding() {
      return state === 'ending' || state === 'gone';
    },
    get isGone() {
      return state === 'gone';
    },
    isOwned: () => state === 'owned',
    isLeased: lease.isValid,
    untilLeased,
    claim,
    read,
    take,
    markProcessed,
    mayBeRepeat: ({ offset }) => endedCommands.mayBeRepeat(offset),
    isCancelled: cancellations.has,
    deferredRecord: (pending) => deferredRecord(place, pending, options.clock()),
    doneRecord: (record) => doneRecord(place, record),
    awaitOffsets() {
      const setEnd = cancellations.awaitEnd();
      return (given) => {
        offsets = given;
        setEnd(given.endOffset);
      };
    },
    isOld: ({ record }) => deferredCommands.offsetOf(record) < oldBelow,
    unlessEnding(promise) {
      if (ledger.isEnding) return Promise.resolve();
      return new Promise((resolve) => {
        const stop = () => {
          waiters.delete(stop);
          resolve();
        };
        waiters.add(stop);
        void promise.then(stop);
      });
    },
    end() {
      if (state !== 'gone') state = 'ending';
      for (const stop of waiters) stop();
    },
    abandon: () => abandoned.abort(),
    async handOver(isClean) {
      if (state === 'gone' || place.claimId === '') return;
      const written = writeProgress();
      await (isClean ? options.append(handoverRecord(place)) : written);
    },
    leave() {
      clearTimeout(progressTimer);
      clearTimeout(renewalTimer);
      state = 'gone';
    },
  };
  return ledger;
}
