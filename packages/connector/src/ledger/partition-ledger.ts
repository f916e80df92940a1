import { randomUUID } from 'node:crypto';
import type {
  ConsumedRecord,
  Logger,
  PartitionOffsets,
  ProcessedPosition,
  PublishRecord,
} from '@preservarium/backend';
import { ConfigurationError, decodeCancellation, type PusherError } from '@preservarium/core';
import { sourceId } from '@preservarium/dead-letters';
import type { CommandLedger, PendingCommand } from '../pending-command.js';
import { createCancellations } from './cancellations.js';
import {
  type ChangelogEntry,
  type ChangelogPlace,
  claimRecord,
  type DeferredCommand,
  deferredRecord,
  doneRecord,
  handoverRecord,
  progressRecord,
  readChangelogRecord,
} from './changelog.js';
import { createChangelogPins } from './changelog-pins.js';
import { createClaims } from './claims.js';
import { createOffsetWindow } from './offset-window.js';
import { noProgress, type Progress } from './progress.js';

const progressIntervalMs = 100;
/** The changelog grows by so many records before what is still needed of it is written anew, and four times what waits in it. */
const maxSpanRecords = 20_000;
/** Long before retention could remove them, what the next owner must read is written anew. */
const renewalIntervalMs = 24 * 3600_000;

export interface PartitionLedgerOptions {
  readonly partition: number;
  readonly groupId: string;
  readonly commandTopic: string;
  readonly waitingTopic: string;
  readonly logger: Logger;
  readonly clock: () => number;
  append(record: PublishRecord): Promise<void>;
  markProcessed(position: ProcessedPosition): void;
  /** A command that waits: all of them when the partition is owned, later ones as they come. */
  onDeferred(ledger: PartitionLedger, deferred: DeferredCommand, mayBeRepeat: boolean): void;
  onCancelled(target: { readonly deviceId: string; readonly requestId: string }): void;
  onUnknown(ledger: PartitionLedger, record: ConsumedRecord, reason: string): void;
  /** What waits and is old in the changelog is to be written anew. */
  onRenewal(ledger: PartitionLedger): void;
  /** The end of the command topic is to be asked for. */
  onOffsetsNeeded(): void;
  /** The changelog has been read up to this connector's claim: commands may be delivered. */
  onOwned(): void;
  /** Another connector owns the partition. */
  onLost(ledger: PartitionLedger): void;
  onFatal(error: PusherError): void;
}

/** Where the group goes on in the partition of the command topic, and where that ends. */
export type LedgerOffsets = Pick<PartitionOffsets, 'committedOffset' | 'endOffset'>;

/**
 * What a connector knows of one partition of the command topic and of its changelog, from when it is assigned until it is revoked. Kafka's log
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
  /** Whether the device may have the command of this record already. */
  mayBeRepeat(record: ConsumedRecord): boolean;
  /** Returns the function that takes what Kafka says of the command topic; to be called before Kafka is asked. */
  awaitOffsets(): (offsets: LedgerOffsets) => void;
  abandon(): void;
  /** Whether the command that waits is to be written anew. */
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
  const commands = createOffsetWindow();
  const changelog = createOffsetWindow();
  const claims = createClaims();
  const cancellations = createCancellations();
  const abandoned = new AbortController();
  const owned = Promise.withResolvers<void>();
  const ownClaimIds = new Set<string>();
  /** Where in the changelog each deferred command is. */
  const deferredAt = new Map<string, number>();
  /** What waits, until the partition is owned. */
  const replayed = new Map<string, DeferredCommand>();
  const pins = createChangelogPins(forget);
  let progressAt: number | undefined;
  let before = noProgress;
  let openBefore = new Set<number>();
  let wasHandedOver: boolean | undefined;
  let offsets: LedgerOffsets | undefined;
  let repeatsBelow = 0;
  let deferredRepeatsBelow = 0;
  let newestMs = 0;
  let state: 'reading' | 'owned' | 'ending' | 'gone' = 'reading';
  const waiters = new Set<() => void>();
  let place: ChangelogPlace = { waitingTopic, partition, groupId, claimId: '' };
  let progressTimer: NodeJS.Timeout | undefined;
  let renewalTimer: NodeJS.Timeout | undefined;
  /** A claim that this owner has written anew and not read yet. */
  let renewalId: string | undefined;
  let oldBelow = 0;

  // ---- the changelog

  function read(record: ConsumedRecord): void {
    changelog.take(record.offset);
    if (changelog.span() > maxSpanRecords + 4 * deferredAt.size) renew();
    const entry = readChangelogRecord(record);
    if (entry.type === 'unknown') {
      options.onUnknown(ledger, record, entry.reason);
      return;
    }
    if (entry.type === 'cancel') {
      readCancellation(record);
      return;
    }
    if (entry.groupId !== groupId) {
      if (entry.type === 'claim') requireCommandTopic(entry.commandTopic);
      forget(record.offset);
      return;
    }
    if (entry.type === 'claim') {
      readClaim(entry, record.offset);
      return;
    }
    // Written by a connector that did not know yet that another one had claimed the partition.
    if (!claims.isCurrent(entry.claimId)) {
      forget(record.offset);
      return;
    }
    readOwned(entry, record.offset);
  }

  function readOwned(
    entry: Exclude<ChangelogEntry, { type: 'claim' | 'cancel' | 'unknown' }>,
    offset: number,
  ) {
    wasHandedOver = entry.type === 'handover';
    if (entry.type === 'deferred') readDeferred(entry.deferred, offset);
    else if (entry.type === 'progress') readProgress(entry.progress, offset);
    else {
      if (entry.type === 'done') endDeferred(sourceId(entry.source));
      forget(offset);
    }
  }

  function readClaim(entry: Extract<ChangelogEntry, { type: 'claim' }>, offset: number): void {
    requireCommandTopic(entry.commandTopic);
    const isOwn = ownClaimIds.has(entry.claimId);
    if (!claims.read(entry)) {
      forget(offset);
      // Another connector claimed the partition first, or what it had written before was not read yet.
      if (isOwn) claim();
      return;
    }
    pins.addClaim(offset);
    if (isOwn) {
      own(entry.claimId, offset);
      return;
    }
    // Its owner may have made attempts of which nothing more was written.
    wasHandedOver = false;
    if (state === 'owned') lose();
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

  function claim(): void {
    if (state !== 'reading') return;
    const claimId = randomUUID();
    ownClaimIds.add(claimId);
    void options.append(claimRecord({ ...place, claimId }, { epoch: claims.nextEpoch(), commandTopic }));
  }

  /**
   * Claims the partition anew, so that the base can pass the last claim, and has the older half of what waits written under the new one.
   */
  function renew(): void {
    if (state !== 'owned' || renewalId !== undefined) return;
    renewalId = randomUUID();
    ownClaimIds.add(renewalId);
    oldBelow = changelog.middle();
    place = { ...place, claimId: renewalId };
    void options.append(claimRecord(place, { epoch: claims.nextEpoch(), commandTopic }));
    void writeProgress();
    options.onRenewal(ledger);
    scheduleRenewal();
  }

  function scheduleRenewal(): void {
    clearTimeout(renewalTimer);
    renewalTimer = setTimeout(renew, renewalIntervalMs).unref();
  }

  function own(claimId: string, offset: number): void {
    if (claimId === renewalId) renewalId = undefined;
    if (state !== 'reading') return;
    place = { ...place, claimId };
    state = 'owned';
    scheduleRenewal();
    const { committedOffset, endOffset = 0 } = offsets ?? {};
    if (endOffset < before.nextOffset) startAnew('it ends before the last command that was read of it');
    const isFirstOwner = committedOffset === undefined && wasHandedOver === undefined;
    const mayRepeat = !isFirstOwner && wasHandedOver !== true;
    repeatsBelow = mayRepeat ? endOffset : before.repeatsBelow;
    deferredRepeatsBelow = mayRepeat ? offset : before.deferredRepeatsBelow;
    // In the order of the command topic: entries that were written anew come later in the changelog.
    const inOrder = [...replayed].sort(([, one], [, other]) => one.record.offset - other.record.offset);
    replayed.clear();
    for (const [id, deferred] of inOrder) {
      const wasBefore = (deferredAt.get(id) ?? 0) < deferredRepeatsBelow;
      options.onDeferred(ledger, deferred, wasBefore || deferred.mayBeRepeat);
    }
    owned.resolve();
    options.onOwned();
    scheduleProgress();
  }

  function lose(): void {
    logger.warn(
      { partition, groupId },
      'another connector owns the partition: this one stops delivering its commands',
    );
    ledger.end();
    abandoned.abort();
    ledger.leave();
    options.onLost(ledger);
  }

  function readDeferred(deferred: DeferredCommand, offset: number): void {
    const id = sourceId(deferred.record);
    const isKnown = deferredAt.has(id);
    pins.remove(deferredAt.get(id));
    pins.add(offset);
    deferredAt.set(id, offset);
    if (state === 'reading') replayed.set(id, deferred);
    else if (!isKnown) options.onDeferred(ledger, deferred, deferred.mayBeRepeat);
  }

  function endDeferred(id: string): void {
    pins.remove(deferredAt.get(id));
    deferredAt.delete(id);
    replayed.delete(id);
  }

  function readProgress(progress: Progress, offset: number): void {
    pins.remove(progressAt);
    pins.add(offset);
    progressAt = offset;
    if (state !== 'reading') return;
    before = progress;
    openBefore = new Set(progress.open);
    newestMs = Math.max(newestMs, progress.writtenAtMs);
  }

  function readCancellation(record: ConsumedRecord): void {
    const decoded = decodeCancellation(record.value);
    if (!decoded.ok) {
      logger.warn(
        { partition, offset: record.offset, reason: decoded.message },
        'a cancellation is unreadable',
      );
      forget(record.offset);
      return;
    }
    const { cancellation } = decoded;
    cancellations.add(cancellation, record.offset, state === 'reading' ? offsets?.endOffset : undefined);
    if (state !== 'owned') return;
    options.onCancelled(cancellation);
    options.onOffsetsNeeded();
  }

  /** The next owner need not read this record of the changelog. */
  function forget(offset: number): void {
    ledger.markProcessed({ topic: waitingTopic, offset });
  }

  // ---- the command topic

  function take(record: ConsumedRecord): boolean {
    const { offset, timestampMs } = record;
    commands.take(offset);
    // No record of this topic was written later when it was read as far: so this is another topic of the same name.
    if (offset < before.nextOffset && timestampMs > before.writtenAtMs)
      startAnew(`offset ${offset} is newer than what was read`);
    newestMs = Math.max(newestMs, timestampMs);
    if (offset >= before.nextOffset || openBefore.has(offset)) return true;
    ledger.markProcessed(record);
    return false;
  }

  function startAnew(reason: string): void {
    logger.error(
      { commandTopic, partition, reason },
      'the command topic was created anew: what had ended of the old one says nothing of it',
    );
    before = noProgress;
    openBefore.clear();
    newestMs = 0;
  }

  function progressNow(): Progress {
    const taken = commands.nextOffset();
    const open = [...commands.open(), ...before.open.filter((offset) => offset >= taken)];
    const nextOffset = Math.max(taken, before.nextOffset);
    return { nextOffset, open, writtenAtMs: newestMs, repeatsBelow, deferredRepeatsBelow };
  }

  function scheduleProgress(): void {
    if (place.claimId === '' || state === 'gone' || progressTimer !== undefined) return;
    progressTimer = setTimeout(writeProgress, progressIntervalMs);
  }

  function writeProgress(): Promise<void> {
    clearTimeout(progressTimer);
    progressTimer = undefined;
    return options.append(progressRecord(place, progressNow()));
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
    claim,
    read,
    take,
    mayBeRepeat: ({ offset }) => offset < repeatsBelow,
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
    markProcessed({ topic, offset }) {
      const isCommand = topic === commandTopic;
      const nextOffset = (isCommand ? commands : changelog).finish(offset);
      if (isCommand) scheduleProgress();
      if (nextOffset === undefined || state === 'gone') return;
      options.markProcessed({ topic, partition, nextOffset });
      if (isCommand) for (const settled of cancellations.takeSettled(nextOffset)) forget(settled);
    },
    end() {
      if (state !== 'gone') state = 'ending';
      for (const stop of waiters) stop();
    },
    abandon: () => abandoned.abort(),
    isOld: ({ record }) => (deferredAt.get(sourceId(record)) ?? Number.POSITIVE_INFINITY) < oldBelow,
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
