import type { ConsumedRecord, PartitionOffsets } from '@preservarium/backend';
import type { DeviceReport } from '@preservarium/deliverer';
import type { CommandLedger, CommandTarget } from '../pending-command.js';
import { createAnswers } from './answers.js';
import { createCancellations } from './cancellations.js';
import { doneRecord, handoverRecord } from './changelog.js';
import { createChangelogReader } from './changelog-reader.js';
import { createClaimWriter } from './claim-writer.js';
import type { Claim } from './claims.js';
import { createDeferredWriter } from './deferred-writer.js';
import { createEndedCommands } from './ended-commands.js';
import { createLeaseKeeper } from './lease-keeper.js';
import { createLedgerState } from './ledger-state.js';
import { createOwnershipLease } from './ownership-lease.js';
import type { PartitionLedgerOptions } from './partition-ledger-options.js';
import type { Progress } from './progress.js';
import { createProgressWriter } from './progress-writer.js';
import type { WaitingCommand } from './waiting-store.js';

/** The changelog grows by so many records before what is still needed of it is written anew, and four times what waits in it. */
const maxSpanRecords = 20_000;

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
  const { partition, groupId, commandTopic, logger, waiting, appender } = options;
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
  const lease = createLeaseKeeper(createOwnershipLease(now), () => void progress.write());
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
  const claims = createClaimWriter({
    ...options,
    append,
    newestClaim: changelog.newestClaim,
    isOwned: () => state.isOwned,
    onRenewed() {
      void progress.write();
      void deferred.rewriteBelow(changelog.middle());
    },
  });
  const deferred = createDeferredWriter({
    waiting,
    clock: options.clock,
    place: () => claims.place,
    isGone: () => state.isGone,
    mayBeRepeat: endedCommands.mayBeDeferredRepeat,
    append,
  });
  const { signatures } = options;
  const progress = createProgressWriter({
    place: () => claims.place,
    isGone: () => state.isGone,
    progress: endedCommands.progress,
    askLease: lease.ask,
    takeFresh: signatures && ((limit) => signatures.takeFresh(partition, limit)),
    append,
    onCommittable,
  });
  const abandoned = new AbortController();
  const owned = Promise.withResolvers<void>();
  /** Not that of a claim which this owner writes anew: it may not be the owner any more, and not know. */
  let claimEpoch: number | undefined;
  let offsets: LedgerOffsets | undefined;

  // ---- the changelog

  function read(records: readonly ConsumedRecord[]): void {
    changelog.read(records);
    if (changelog.span() > maxSpanRecords + 4 * waiting.count()) claims.renew();
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

  function onProgress(read: Progress, leaseId: string | undefined): void {
    if (state.isReading) endedCommands.restore(read);
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
    if (state.isReading) claims.claim();
  }

  function onClaim(read: Claim, isValid: boolean, offset: number): void {
    const isOwn = claims.isOwn(read.claimId);
    if (isValid && isOwn) own(read, offset);
    else if (isValid) loseTo();
    // Another connector claimed the partition first, or its earlier claims were not read yet.
    else if (isOwn) claim();
  }

  function own({ claimId, epoch }: Claim, offset: number): void {
    claims.read(claimId);
    if (!state.isReading) return;
    claimEpoch = epoch;
    state.own();
    claims.own(claimId);
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
    void progress.write();
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

  function onCommittable(nextOffset: number): void {
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
    progress.schedule();
    if (nextOffset !== undefined && !state.isGone) progress.ended(nextOffset);
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
    isWaitingRepeat: deferred.isRepeat,
    cancellationOf: cancellations.of,
    answerTo: answers.to,
    deferredRecord(pending) {
      progress.writeSignatures();
      return deferred.recordOf(pending);
    },
    endWaiting({ offset }) {
      if (!state.isGone) waiting.end(offset);
    },
    doneRecord: (record) => doneRecord(claims.place, record),
    awaitOffsets() {
      const setEnd = cancellations.awaitEnd();
      return (given) => {
        offsets = given;
        setEnd(given.endOffset);
      };
    },
    keepAttempts: deferred.rewriteAttempted,
    unlessEnding: state.unlessEnding,
    end: state.end,
    abandon: () => abandoned.abort(),
    async handOver(isClean) {
      if (state.isGone || claims.place.claimId === '') return;
      const written = progress.write();
      await (isClean ? append(handoverRecord(claims.place)) : written);
      await written;
    },
    leave() {
      progress.stop();
      claims.stop();
      state.leave();
    },
  };
  return ledger;
}
