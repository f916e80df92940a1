import { randomUUID } from 'node:crypto';
import {
  type Backend,
  type Logger,
  partitionForKey,
  type Subscription,
  type TopicPartition,
} from '@preservarium/backend';
import type { Appender } from './appender.js';
import type { Devices } from './devices.js';
import { createPartitionShare, type PartitionShare } from './partition-share.js';
import { pause } from './pause.js';
import { markRecord } from './waiting-log.js';

/** A mark that was written before the reading began is not read: another one follows. */
const markIntervalMs = 1_000;
const retryMs = 1_000;
/** What deliveries that are given up may still take. */
const giveUpMs = 1_000;

export interface SharesOptions {
  readonly backend: Pick<Backend, 'offsets'>;
  readonly commandTopic: string;
  readonly waitingTopic: string;
  readonly groupId: string;
  readonly maxInFlight: number;
  readonly drainTimeoutMs: number;
  readonly devices: Devices;
  readonly appender: Appender;
  readonly logger: Logger;
  readonly markProcessed: Subscription['markProcessed'];
  /** There are devices that it serves from now on. */
  onServing(): void;
}

/** The partitions that this connector has now. */
export interface Shares {
  of(partition: number): PartitionShare | undefined;
  /**
   * Whether the device falls to this connector, which knows by now what waits for it. Of the connectors of a group, all of which
   * compute the same partition for a device, it falls to one at most.
   */
  serves(deviceId: string): boolean;
  assign(partitions: readonly TopicPartition[]): void;
  /** Finishes what is under way, or gives it up at the deadline. */
  revoke(partitions: readonly Pick<TopicPartition, 'partition'>[]): Promise<void>;
  /** The waiting topic has been read up to this mark. */
  reachMark(share: PartitionShare, markId: string): void;
  all(): readonly PartitionShare[];
}

export function createShares(settings: SharesOptions): Shares {
  const { backend, commandTopic, waitingTopic, groupId, devices, appender, logger } = settings;
  const shares = new Map<number, PartitionShare>();
  const marks = new WeakMap<PartitionShare, string>();
  let partitionCount = 0;

  function assign(partitions: readonly TopicPartition[]): void {
    const assigned = new Set(partitions.map(({ partition }) => partition));
    const added = [...assigned].map((partition) =>
      createPartitionShare(partition, [commandTopic, waitingTopic], settings.markProcessed),
    );
    for (const share of added) shares.set(share.partition, share);
    void findRepeats(added).then(() => {
      for (const share of added) void keepMarking(share);
    });
  }

  /** What was taken and not committed may have been delivered: as many as were in flight at most. */
  async function findRepeats(added: readonly PartitionShare[]): Promise<void> {
    while (added.some((share) => !share.isEnding)) {
      try {
        const offsets = await backend.offsets({ topic: commandTopic, groupId });
        partitionCount = offsets.length;
        for (const { partition, committedOffset, endOffset } of offsets) {
          const share = added.find((candidate) => candidate.partition === partition);
          if (share === undefined || committedOffset === undefined) continue;
          share.repeatsBelow = Math.min(committedOffset + settings.maxInFlight, endOffset);
        }
        return;
      } catch (error) {
        logger.warn({ err: error, groupId }, 'the offsets are not known yet; they are asked for again');
        await pause(retryMs);
      }
    }
  }

  async function keepMarking(share: PartitionShare): Promise<void> {
    const markId = randomUUID();
    marks.set(share, markId);
    while (!share.isEnding && share.replay !== undefined) {
      void appender.append(markRecord(waitingTopic, share.partition, markId));
      await pause(markIntervalMs, share.caughtUp.promise);
    }
  }

  function reachMark(share: PartitionShare, markId: string): void {
    if (marks.get(share) !== markId || share.replay === undefined) return;
    const { replay } = share;
    share.replay = undefined;
    for (const held of replay.values()) devices.admit(held);
    share.caughtUp.resolve();
    settings.onServing();
  }

  function serves(deviceId: string): boolean {
    if (partitionCount === 0) return false;
    const share = shares.get(partitionForKey(deviceId, partitionCount));
    return share !== undefined && share.replay === undefined && !share.isEnding;
  }

  async function revoke(partitions: readonly Pick<TopicPartition, 'partition'>[]): Promise<void> {
    const revoked = [...new Set(partitions.map(({ partition }) => partition))].flatMap(
      (partition) => shares.get(partition) ?? [],
    );
    const drained = Promise.all(revoked.map((share) => devices.drain(share)));
    if (!(await pause(settings.drainTimeoutMs, drained))) {
      logger.warn(
        { groupId },
        'deliveries took too long while partitions were taken away; they are given up',
      );
    }
    for (const share of revoked) share.givenUp.abort();
    await pause(giveUpMs, drained);
    for (const share of revoked) devices.setAsideOvertaken(share);
    // What has ended is committed only when its events are in Kafka.
    await pause(settings.drainTimeoutMs, appender.flushed());
    for (const share of revoked) {
      share.isGone = true;
      devices.drop(share);
      if (shares.get(share.partition) === share) shares.delete(share.partition);
    }
  }

  return {
    of: (partition) => shares.get(partition),
    serves,
    assign,
    revoke,
    reachMark,
    all: () => [...shares.values()],
  };
}
