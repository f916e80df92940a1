import { randomUUID } from 'node:crypto';
import type { ConsumedRecord, PartitionOffsets } from '@preservarium/backend';
import type { DeviceReport } from '@preservarium/deliverer';
import type { CommandLedger, CommandTarget } from '../pending-command.js';
import { createAnswers } from './answers.js';
import { createCancellations } from './cancellations.js';
import {
  type ChangelogPlace,
  claimRecord,
  deferredRecord,
  doneRecord,
  handoverRecord,
  progressRecord,
} from './changelog.js';
import { createChangelogReader } from './changelog-reader.js';
import { type Claim, nextClaim } from './claims.js';
import { createEndedCommands } from './ended-commands.js';
import { createLeaseKeeper } from './lease-keeper.js';
import { createLedgerState } from './ledger-state.js';
import { createOwnershipLease } from './ownership-lease.js';
import type { PartitionLedgerOptions } from './partition-ledger-options.js';
import type { Progress } from './progress.js';
import { rewriteAttempted, rewriteBelow } from './rewrite.js';
import type { WaitingCommand } from './waiting-store.js';

const progressIntervalMs = 100;
/** So many signatures are in one record of the changelog at most: about 150 kB. */
const signaturesInRecord = 4_000;
/** The changelog grows by so many records before what is still needed of it is written anew, and four times what waits in it. */
const maxSpanRecords = 20_000;
/** Long before retention could remove them, what the next owner must read is written anew. */
const renewalIntervalMs = 24 * 3600_000;

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
  /** Reads the next records of the changelog. */
  read(records: readonly ConsumedRecord[]): void;
  /** Takes the next record of the command topic; returns false for one that has ended already, which is processed thereby. */
  take(record: ConsumedRecord): boolean;
  /** Returns the record with its place for its offset: what is taken is known by it from then on. See `topic-generation.ts`. */
  placed(record: ConsumedRecord): ConsumedRecord;
  /** Returns true if the device may have the command of this record already. */
  mayBeRepeat(record: ConsumedRecord): boolean;
  /** Returns the function that takes what Kafka says of the command topic; to be called before Kafka is asked. */
  awaitOffsets(): (offsets: LedgerOffsets) => void;
  abandon(): void;
  /** Waits for the promise, or until the ledger ends. */
  unlessEnding(promise: Promise<unknown>): Promise<void>;
  /** Writes what the next owner must know. @param isClean no attempt is left without an answer */
  handOver(isClean: boolean): Promise<void>;
  /** Marks nothing as processed any more. */
  leave(): void;
}

export function createPartitionLedger(options: PartitionLedgerOptions): PartitionLedger {
  const { partition, groupId, protocol, commandTopic, waitingTopic, logger, waiting, appender } = options;
  const { append } = appender;
  const state = createLedgerState();
  const endedCommands = createEndedCommands({
    logger,
    onEnded: (offset) => markProcessed({ topic: commandTopic, offset }),
    onUnread: options.onReread,
  });
  const cancellations = createCancellations(options.isPending);
  const answers = createAnswers();
  const now = () => ({ monotonicMs: performance.now(), wallMs: options.clock() });
  const lease = createLeaseKeeper(createOwnershipLease(now), () => void writeProgress());
  const changelog = createChangelogReader({
    ...options,
    start: options.changelogStart,
    state,
    cancellations,
    onClaim,
    onDeferred,
    onProgress,
    onCancellation,
    onAnswer,
    onUnknown: (record, reason) => options.onUnknown(ledger, record, reason),
    onMismatch,
  });
  const abandoned = new AbortController();
  const owned = Promise.withResolvers<void>();
  const ownClaimIds = new Set<string>();
  let place: ChangelogPlace = { waitingTopic, partition, groupId, claimId: '' };
  /** Not that of a claim which this owner writes anew: it may not be the owner any more, and not know. */
  let claimEpoch: number | undefined;
  let offsets: LedgerOffsets | undefined;
  let progressTimer: NodeJS.Timeout | undefined;
  /** A claim that this owner has written anew and not read yet. */
  let renewalId: string | undefined;
  let renewalTimer: NodeJS.Timeout | undefined;
  /** The end of the unbroken run of commands that have ended, and how much of it may be committed. */
  let nextToCommit = 0;
  let committable = 0;

  // ---- the changelog

  function read(records: readonly ConsumedRecord[]): void {
    changelog.read(records);
    if (changelog.span() > maxSpanRecords + 4 * waiting.count()) renew();
  }

  /** Nothing was delivered yet: the first record tells. */
  function onMismatch(): void {
    ledger.end();
    ledger.leave();
    options.onReread();
  }

  function onDeferred(command: WaitingCommand): void {
    // Not when it is written: what an owner writes after the claim of another one counts for no reader.
    markProcessed({ topic: commandTopic, offset: command.record.offset });
    options.onDeferred(ledger, command);
  }

  function onProgress(progress: Progress, leaseId: string | undefined): void {
    if (state.isReading) endedCommands.restore(progress);
    else if (leaseId !== undefined) lease.read(leaseId);
  }

  function onCancellation(target: CommandTarget): void {
    if (!state.isOwned) return;
    options.onCancelled(target);
    options.onOffsetsNeeded();
  }

  /** One that ends nothing now may be about a command that is yet to be read again. */
  function onAnswer(report: DeviceReport): void {
    if (!state.isOwned || !options.onAnswered(report)) answers.add(report);
  }

  // ---- claims

  function claim(): void {
    if (state.isReading) writeClaim(randomUUID());
  }

  function writeClaim(claimId: string): void {
    ownClaimIds.add(claimId);
    const claim = nextClaim(claimId, changelog.newestClaim(), options.clock());
    void append(claimRecord(place, claim, { commandTopic, protocol }));
  }

  function onClaim(read: Claim, isValid: boolean, offset: number): void {
    const isOwn = ownClaimIds.has(read.claimId);
    if (isValid && isOwn) own(read, offset);
    else if (isValid) loseTo();
    // Another connector claimed the partition first, or its earlier claims were not read yet.
    else if (isOwn) claim();
  }

  function own({ claimId, epoch }: Claim, offset: number): void {
    if (claimId === renewalId) renewalId = undefined;
    if (!state.isReading) return;
    place = { ...place, claimId };
    claimEpoch = epoch;
    state.own();
    const { endOffset = 0 } = offsets ?? {};
    const wasHandedOver = changelog.wasHandedOver();
    const isFirstOwner = options.isFirstStart && wasHandedOver === undefined;
    const isNewTopic = options.isNewTopic || hasForgottenTopic();
    if (isNewTopic) endedCommands.startAnew();
    const mayRepeat = isNewTopic || (!isFirstOwner && wasHandedOver !== true);
    endedCommands.own(endOffset, offset, mayRepeat, waiting);
    owned.resolve();
    options.onOwned(ledger);
    for (const cancellation of cancellations.all()) options.onCancelled(cancellation);
    answers.removeIf(options.onAnswered);
    if (!cancellations.isEmpty()) options.onOffsetsNeeded();
    void writeProgress();
    scheduleRenewal();
  }

  /** Kafka forgets what a group has committed of a topic that is deleted, and only of that. */
  function hasForgottenTopic(): boolean {
    return options.isFirstStart && !options.changelogStart.isFirstStart;
  }

  function loseTo(): void {
    changelog.forgetHandover();
    if (!state.isOwned) return;
    const fields = { partition, groupId };
    logger.warn(fields, 'another connector owns the partition: this one stops delivering its commands');
    ledger.end();
    abandoned.abort();
    ledger.leave();
    options.onLost(ledger);
  }

  /** Claims the partition anew, so that the base can pass the last claim, and writes the older half of what waits under the new one. */
  function renew(): void {
    if (!state.isOwned || renewalId !== undefined) return;
    renewalId = randomUUID();
    writeClaim(renewalId);
    place = { ...place, claimId: renewalId };
    void writeProgress();
    void rewriteBelow(writer, changelog.middle());
    scheduleRenewal();
  }

  function scheduleRenewal(): void {
    clearTimeout(renewalTimer);
    renewalTimer = setTimeout(renew, renewalIntervalMs).unref();
  }

  const writer = {
    waiting,
    get isGone() {
      return state.isGone;
    },
    rewrite: (command: WaitingCommand) =>
      append(deferredRecord(place, { ...command, mayBeRepeat: isWaitingRepeat(command) }, command.deviceId)),
  };

  function isWaitingRepeat({ mayBeRepeat, changelogOffset }: WaitingCommand): boolean {
    return mayBeRepeat || endedCommands.mayBeDeferredRepeat(changelogOffset);
  }

  // ---- the command topic

  function take(record: ConsumedRecord): boolean {
    const known = endedCommands.take(record);
    if (known === 'ended') markProcessed(placed(record));
    return known === 'open';
  }

  function placed(record: ConsumedRecord): ConsumedRecord {
    const offset = endedCommands.placeOf(record.offset);
    return offset === record.offset ? record : { ...record, offset };
  }

  function scheduleProgress(): void {
    if (place.claimId === '' || state.isGone || progressTimer !== undefined) return;
    progressTimer = setTimeout(writeProgress, progressIntervalMs);
  }

  function writeProgress(): Promise<void> {
    clearTimeout(progressTimer);
    progressTimer = undefined;
    const ended = nextToCommit;
    writeSignatures();
    return append(progressRecord(place, endedCommands.progress(), lease.ask())).then(() => commitUpTo(ended));
  }

  /** The next owner does not read a deferred command again, and must know its signature: that is written first. */
  function writeSignatures(): void {
    const takeFresh = () => options.signatures?.takeFresh(partition, signaturesInRecord) ?? [];
    for (let signatures = takeFresh(); signatures.length > 0; signatures = takeFresh()) {
      void append(progressRecord(place, { ...endedCommands.progress(), signatures }, undefined));
    }
  }

  function commitUpTo(nextOffset: number): void {
    if (nextOffset === committable || state.isGone) return;
    committable = nextOffset;
    options.markProcessed({ topic: commandTopic, partition, nextOffset });
    changelog.processed(endedCommands.placeOf(nextOffset));
    if (!cancellations.isEmpty()) changelog.release(cancellations.takeSettled(nextOffset));
  }

  function markProcessed({ topic, offset }: { readonly topic: string; readonly offset: number }): void {
    if (topic !== commandTopic) {
      changelog.release([offset]);
      return;
    }
    const nextOffset = endedCommands.end(offset);
    scheduleProgress();
    if (nextOffset === undefined || state.isGone) return;
    nextToCommit = nextOffset;
    // The next owner must know the signatures of all commands that it does not read again.
    if (options.signatures === undefined) commitUpTo(nextOffset);
  }

  const ledger: PartitionLedger = {
    partition,
    appender,
    waiting,
    abandoned: abandoned.signal,
    get claimEpoch() {
      return claimEpoch;
    },
    owned: owned.promise,
    get isEnding() {
      return state.isEnding;
    },
    get isGone() {
      return state.isGone;
    },
    isOwned: () => state.isOwned,
    isLeased: lease.isValid,
    untilLeased: () => state.unlessEnding(lease.untilValid()),
    claim,
    read,
    take,
    placed,
    markProcessed,
    mayBeRepeat: ({ offset }) => endedCommands.mayBeRepeat(offset),
    isWaitingRepeat,
    cancellationOf: cancellations.of,
    answerTo: answers.to,
    deferredRecord({ record, attempts, waitingSinceMs, mayBeRepeat, command }) {
      writeSignatures();
      return deferredRecord(
        place,
        { record, attempts, sinceMs: waitingSinceMs ?? options.clock(), mayBeRepeat },
        command.deviceId,
      );
    },
    endWaiting({ offset }) {
      if (!state.isGone) waiting.end(offset);
    },
    doneRecord: (record) => doneRecord(place, record),
    awaitOffsets() {
      const setEnd = cancellations.awaitEnd();
      return (given) => {
        offsets = given;
        setEnd(given.endOffset);
      };
    },
    keepAttempts: () => rewriteAttempted(writer),
    unlessEnding: state.unlessEnding,
    end: state.end,
    abandon: () => abandoned.abort(),
    async handOver(isClean) {
      if (state.isGone || place.claimId === '') return;
      const written = writeProgress();
      await (isClean ? append(handoverRecord(place)) : written);
      await written;
    },
    leave() {
      clearTimeout(progressTimer);
      clearTimeout(renewalTimer);
      state.leave();
    },
  };
  return ledger;
}
