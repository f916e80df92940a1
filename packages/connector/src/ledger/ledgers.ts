import {
  type AssignedPartition,
  type Backend,
  type Logger,
  partitionForKey,
  type TopicPartition,
} from '@preservarium/backend';
import type { Appenders } from '../outcome/appenders.js';
import { pause } from '../pause.js';
import type { CommandLedger } from '../pending-command.js';
import { createPartitionLedger, type PartitionLedger } from './partition-ledger.js';
import type { PartitionLedgerOptions } from './partition-ledger-options.js';
import { resumeOffset } from './stored-position.js';
import type { WaitingStore } from './waiting-store.js';

/** A claim that was written before the reading began is not read: another one follows. */
const claimIntervalMs = 1_000;
const retryMs = 1_000;
const refreshIntervalMs = 100;
/** Time that abandoned attempts may still take. */
const abandonMs = 1_000;

export interface LedgersOptions
  extends Omit<
    PartitionLedgerOptions,
    | 'partition'
    | 'isFirstStart'
    | 'isNewTopic'
    | 'changelogStart'
    | 'waiting'
    | 'appender'
    | 'onOffsetsNeeded'
  > {
  readonly backend: Pick<Backend, 'offsets'>;
  readonly store: WaitingStore;
  readonly drainTimeoutMs: number;
  readonly logger: Logger;
  /** Starts no new attempt of the partition; resolves when none is in flight. */
  drain(ledger: PartitionLedger): Promise<void>;
  /** Defers what was attempted and has not ended, so that the next owner knows of the attempts. */
  deferAttempted(ledger: PartitionLedger): Promise<void>;
  /** Forgets the commands of the partition. */
  drop(ledger: PartitionLedger): void;
  /** Returns true if the connector cannot go on: then it hands nothing over, and the next owner marks what may be repeats. */
  hasFailed(): boolean;
  readonly appenders: Pick<Appenders, 'of' | 'flushed'>;
}

/** Nothing of the changelog's partition is known: it is about to be made. */
const notMade = { nextOffset: 0, readFrom: 0, isFirstStart: true };

/** The ledgers of the partitions that are assigned to this connector. */
export interface Ledgers {
  of(partition: number): PartitionLedger | undefined;
  all(): readonly PartitionLedger[];
  /**
   * Returns true if this connector delivers the commands of the device. Of the connectors of a group, all of which compute the same partition for
   * a device, at most one does.
   */
  serves(deviceId: string): boolean;
  /** Returns the partition of the command topic that the device has by its id; undefined while the number of partitions is unknown. */
  partitionOf(deviceId: string): number | undefined;
  /** Returns true if the partition of the device is assigned to another connector, as far as this one knows. */
  isElsewhere(deviceId: string): boolean;
  /** Takes partitions of the command topic, with those of the waiting topic that have the same numbers. */
  assign(partitions: readonly AssignedPartition[]): void;
  /** Returns where to read a partition of the waiting topic from, if the store knows what was before. */
  resumeFrom(partition: Omit<AssignedPartition, 'readFrom'>): number | undefined;
  /** Finishes the attempts in flight, or abandons them at the deadline, and leaves the partitions to the next owner. */
  revoke(partitions: readonly Pick<TopicPartition, 'partition'>[]): Promise<void>;
  /** Leaves all partitions at once, without a word to the next owner, as a crash does. They stay in `all` until they are revoked. */
  leaveAll(): void;
  /** Calls the listener whenever this connector owns another partition. */
  onOwned(listener: () => void): void;
}

export function createLedgers(options: LedgersOptions): Ledgers {
  const { backend, commandTopic, waitingTopic, store, groupId, logger, drainTimeoutMs } = options;
  const ledgers = new Map<number, PartitionLedger>();
  const listeners: (() => void)[] = [];
  let partitionCount = 0;
  let areOffsetsNeeded = false;
  let _refreshing: Promise<void> | undefined;

  function assign(partitions: readonly AssignedPartition[]): void {
    const ofTopic = (name: string) => partitions.filter(({ topic }) => topic === name);
    const changelogs = new Map(ofTopic(waitingTopic).map((start) => [start.partition, start]));
    const added = ofTopic(commandTopic).map(({ partition, isFirstStart, isNewTopic }) =>
      createPartitionLedger({
        ...options,
        partition,
        isFirstStart,
        isNewTopic,
        changelogStart: changelogs.get(partition) ?? notMade,
        waiting: store.of(partition),
        appender: options.appenders.of(partition),
        onOffsetsNeeded,
        onOwned,
      }),
    );
    for (const ledger of added) ledgers.set(ledger.partition, ledger);
    void readOffsets(added).then(() => {
      for (const ledger of added) void keepClaiming(ledger);
    });
  }

  async function readOffsets(of: readonly PartitionLedger[]): Promise<void> {
    while (of.some((ledger) => !ledger.isEnding)) {
      const awaiting = new Map(of.map((ledger) => [ledger.partition, ledger.awaitOffsets()]));
      try {
        const offsets = await backend.offsets({ topic: commandTopic, groupId });
        partitionCount = offsets.length;
        for (const found of offsets) awaiting.get(found.partition)?.(found);
        return;
      } catch (error) {
        logger.warn({ err: error, groupId }, 'cannot read the offsets of the group: the connector retries');
        await pause(retryMs);
      }
    }
  }

  async function keepClaiming(ledger: PartitionLedger): Promise<void> {
    while (!ledger.isEnding && !ledger.isOwned()) {
      ledger.claim();
      await pause(claimIntervalMs, ledger.owned);
    }
  }

  /** One request after another: an answer says nothing of cancellations that were read after it was asked for. */
  function onOffsetsNeeded(): void {
    areOffsetsNeeded = true;
    _refreshing ??= refreshOffsets().finally(() => {
      _refreshing = undefined;
    });
  }

  async function refreshOffsets(): Promise<void> {
    while (areOffsetsNeeded) {
      areOffsetsNeeded = false;
      await readOffsets([...ledgers.values()]);
      await pause(refreshIntervalMs);
    }
  }

  function onOwned(ledger: CommandLedger): void {
    options.onOwned(ledger);
    for (const listener of listeners) listener();
  }

  function partitionOf(deviceId: string): number | undefined {
    return partitionCount === 0 ? undefined : partitionForKey(deviceId, partitionCount);
  }

  function serves(deviceId: string): boolean {
    const partition = partitionOf(deviceId);
    return partition !== undefined && (ledgers.get(partition)?.isOwned() ?? false);
  }

  /** Without any partition this connector knows nothing: the group may be about to divide them. */
  function isElsewhere(deviceId: string): boolean {
    const partition = partitionOf(deviceId);
    return ledgers.size > 0 && partition !== undefined && !ledgers.has(partition);
  }

  /** Takes at most twice `drainTimeoutMs` and a second: the backend waits no longer, and the group goes on without. */
  async function revoke(partitions: readonly Pick<TopicPartition, 'partition'>[]): Promise<void> {
    const deadlineMs = performance.now() + 2 * drainTimeoutMs;
    const leftMs = () => Math.max(0, deadlineMs - performance.now());
    const revoked = [...new Set(partitions.map(({ partition }) => partition))].flatMap(
      (partition) => ledgers.get(partition) ?? [],
    );
    const drained = Promise.all(revoked.map((ledger) => options.drain(ledger)));
    const isClean = await pause(drainTimeoutMs, drained);
    if (!isClean) logger.warn({ groupId }, 'attempts took longer than drainTimeoutMs and are abandoned');
    for (const ledger of revoked) ledger.abandon();
    await pause(abandonMs, drained);
    const deferred = Promise.all(revoked.map((ledger) => options.deferAttempted(ledger)));
    // A command has ended once its events are in Kafka.
    const flushed = deferred.then(() => options.appenders.flushed(revoked.map(({ partition }) => partition)));
    if (await pause(leftMs(), flushed)) {
      // A ledger that failed may not know which commands can be repeats.
      const isOrderly = isClean && !options.hasFailed();
      await pause(leftMs(), Promise.all(revoked.map((ledger) => ledger.handOver(isOrderly))));
    }
    for (const ledger of revoked) {
      ledger.leave();
      options.drop(ledger);
      if (ledgers.get(ledger.partition) !== ledger) continue;
      ledgers.delete(ledger.partition);
      store.leave(ledger.partition);
    }
  }

  function leaveAll(): void {
    for (const ledger of ledgers.values()) {
      ledger.end();
      ledger.leave();
      ledger.abandon();
    }
  }

  return {
    of: (partition) => ledgers.get(partition),
    all: () => [...ledgers.values()],
    partitionOf,
    serves,
    isElsewhere,
    assign,
    resumeFrom: (start) =>
      start.topic === waitingTopic ? resumeOffset(store.of(start.partition), start) : undefined,
    revoke,
    leaveAll,
    onOwned: (listener) => {
      listeners.push(listener);
    },
  };
}
