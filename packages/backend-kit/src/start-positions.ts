import { setTimeout as pauseFor } from 'node:timers/promises';
import type {
  AssignedPartition,
  Logger,
  PartitionOffsets,
  ProcessedPosition,
  SubscribeOptions,
  TopicPartition,
} from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import { BackendUnavailableError, PusherError } from '@preservarium/core';
import { isNewOnTopic, type TopicStarts, topicStarts } from './topic-starts.js';

const pollMs = 100;
/** The member with the first partition decides for the group; it may be a client of another kind, which does not. */
const decisionTimeoutMs = 5_000;
/** While a member looks for its start positions it may send no heartbeat: both together are shorter than a session. */
const attemptTimeoutMs = 10_000;
const retryForMs = 15_000;

/** Reads the offsets of a member's group and topics. */
export interface OffsetReader {
  /** Resolves with the offsets of all partitions of the topic, as `TopicAdmin.offsets` does. */
  offsets(topic: string): Promise<readonly PartitionOffsets[]>;
  /** Resolves with the offset of the first record written at or after the time (milliseconds since 1970) of each partition that has one. */
  offsetsForTime(topic: string, timestampMs: number): Promise<ReadonlyMap<number, number>>;
}

type OutOfRange = TopicStarts['outOfRange'][number];

export interface StartPositionsOptions {
  readonly subscribe: Pick<SubscribeOptions, 'groupId' | 'from' | 'fromByTopic' | 'resumeFrom'>;
  readonly assigned: readonly TopicPartition[];
  readonly reader: OffsetReader;
  readonly logger: Logger;
  /** Returns whether the subscription has read the topic before. */
  wasRead(topic: string): boolean;
  /** Sends positions to the brokers; rejects with a coded error. */
  commit(positions: readonly ProcessedPosition[]): Promise<void>;
  /** Returns true when nobody needs the positions any more. */
  isStale(): boolean;
}

/**
 * Resolves with where a member starts on its partitions, once each of these positions is committed. Rejects with a coded error if Kafka
 * does not answer in time. Logs an error for records that the group has lost.
 *
 * Of a topic on which the group has committed nothing, the member with partition 0 commits the start of all partitions in one
 * request, and the others wait for that: so `from` decides once for the topic, and a partition without a committed offset was added later.
 */
export async function startPositions(options: StartPositionsOptions): Promise<readonly AssignedPartition[]> {
  const doing = `find where group "${options.subscribe.groupId}" starts`;
  const giveUpAtMs = Date.now() + retryForMs;
  for (;;) {
    try {
      return await withDeadline(findAndCommit(options), { doing, timeoutMs: attemptTimeoutMs });
    } catch (error) {
      const mayPass = PusherError.isInstance(error) && error.retryable;
      if (!mayPass || Date.now() > giveUpAtMs || options.isStale()) throw error;
      await pauseFor(pollMs);
    }
  }
}

async function findAndCommit(options: StartPositionsOptions): Promise<readonly AssignedPartition[]> {
  const { assigned, commit, isStale } = options;
  const topics = [...new Set(assigned.map(({ topic }) => topic))];
  const starts = await Promise.all(topics.map((topic) => startsOnTopic(topic, options)));
  const toCommit = starts.flatMap((start) => start.toCommit);
  if (toCommit.length > 0 && !isStale()) await commit(toCommit);
  return starts.flatMap((start) => start.assigned);
}

async function startsOnTopic(topic: string, options: StartPositionsOptions): Promise<TopicStarts> {
  const { subscribe, assigned, reader, logger } = options;
  const own = assigned.filter((of) => of.topic === topic).map(({ partition }) => partition);
  let offsets = await reader.offsets(topic);
  const wasNewOnTopic = isNewOnTopic(offsets);
  if (wasNewOnTopic && !own.includes(0)) offsets = await afterDecision(topic, offsets, options);
  const missing = own.find((partition) => offsets.every((of) => of.partition !== partition));
  if (missing !== undefined) {
    throw new BackendUnavailableError(
      `partition ${missing} of "${topic}" is not yet known to the broker that was asked`,
    );
  }
  const wasRead = options.wasRead(topic);
  // A topic of which the group has forgotten its offsets was created anew.
  const from = wasRead ? 'beginning' : (subscribe.fromByTopic?.[topic] ?? subscribe.from);
  const offsetsForTime =
    isNewOnTopic(offsets) && typeof from === 'object'
      ? await reader.offsetsForTime(topic, Date.now() - from.lastMs)
      : undefined;
  const { resumeFrom } = subscribe;
  const starts = topicStarts({
    topic,
    from,
    assigned,
    offsets,
    offsetsForTime,
    wasNewOnTopic,
    wasRead,
    resumeFrom,
  });
  for (const start of starts.outOfRange) logOutOfRange(logger, { topic, groupId: subscribe.groupId }, start);
  return starts;
}

/** Resolves with the offsets when the start of the group is committed, or when nobody has decided in time. */
async function afterDecision(
  topic: string,
  first: readonly PartitionOffsets[],
  { reader, isStale }: StartPositionsOptions,
): Promise<readonly PartitionOffsets[]> {
  const giveUpAtMs = Date.now() + decisionTimeoutMs;
  let offsets = first;
  while (isNewOnTopic(offsets) && Date.now() < giveUpAtMs && !isStale()) {
    await pauseFor(pollMs);
    offsets = await reader.offsets(topic);
  }
  return offsets;
}

function logOutOfRange(
  logger: Logger,
  where: { readonly topic: string; readonly groupId: string },
  { partition, reason, committedOffset, nextOffset, endOffset, lostRecords }: OutOfRange,
): void {
  logger.error(
    { ...where, partition, committedOffset, nextOffset, endOffset, lostRecords },
    reason === 'removed'
      ? `the topic lost ${lostRecords} records before the group processed them: the group continues at the oldest record; check the topic's retention`
      : 'the topic ends before the committed offset, for example because it was created anew: the group continues at the oldest record',
  );
}
