import { setTimeout as pause } from 'node:timers/promises';
import type { PartitionOffsets, TopicPartition } from '@preservarium/backend';
import { partitionId } from '@preservarium/backend-kit';
import { TopicUnknownError } from '@preservarium/core';
import type { KafkaConsumer, TopicPartitionOffset } from 'node-rdkafka';
import { partitionsOf } from './rdkafka-metadata.js';
import { request } from './rdkafka-request.js';
import { toPusherError } from './to-pusher-error.js';

const timeoutMs = 10_000;
const pauseMs = 100;
/** `LEADER_NOT_AVAILABLE` and `NOT_LEADER_OR_FOLLOWER` of Kafka's protocol. */
const withoutLeader: readonly unknown[] = [5, 6];
/** The times that stand for the end and the beginning of a partition in Kafka's ListOffsets request. */
const latest = -1;
const earliest = -2;

/** Resolves with what the consumer's group has committed of each partition, and where each begins and ends, sorted by partition. */
export async function readOffsets(
  consumer: KafkaConsumer,
  { topic, groupId }: { readonly topic: string; readonly groupId: string },
): Promise<readonly PartitionOffsets[]> {
  try {
    const partitions = await existing(consumer, topic);
    const [committed, starts, ends] = await Promise.all([
      request<TopicPartitionOffset[]>((done) => {
        consumer.committed(
          partitions.map((partition) => ({ topic, partition })),
          timeoutMs,
          done,
        );
      }),
      listOffsets(consumer, topic, partitions, earliest),
      listOffsets(consumer, topic, partitions, latest),
    ]);
    const committedOf = new Map(committed.map(({ partition, offset }) => [partition, offset]));
    return partitions.map((partition) => {
      const committedOffset = committedOf.get(partition) ?? -1;
      return {
        partition,
        // A negative number: nothing, or a default position that another client has committed.
        committedOffset: committedOffset < 0 ? undefined : committedOffset,
        startOffset: starts.get(partition) ?? 0,
        endOffset: ends.get(partition) ?? 0,
      };
    });
  } catch (error) {
    throw toPusherError(error, { topic, groupId });
  }
}

/** As `GroupMember.committed`. */
export async function readCommitted(
  consumer: KafkaConsumer,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<string, number>> {
  try {
    const found = await request<TopicPartitionOffset[]>((done) => {
      consumer.committed([...partitions], timeoutMs, done);
    });
    // Nothing committed is a number that stands for it, or no number at all.
    return new Map(
      found.map((position) => [partitionId(position), position.offset >= 0 ? position.offset : -1]),
    );
  } catch (error) {
    throw toPusherError(error);
  }
}

/** Resolves with the offset of the first record written at or after the time, of each partition that has one. */
export async function readOffsetsForTime(
  consumer: KafkaConsumer,
  topic: string,
  timestampMs: number,
): Promise<ReadonlyMap<number, number>> {
  try {
    const found = await listOffsets(consumer, topic, await existing(consumer, topic), timestampMs);
    // -1 stands for the end.
    return new Map([...found].filter(([, offset]) => offset >= 0));
  } catch (error) {
    throw toPusherError(error, { topic });
  }
}

async function existing(consumer: KafkaConsumer, topic: string): Promise<readonly number[]> {
  const partitions = await partitionsOf(consumer, topic, timeoutMs);
  if (partitions.length === 0) throw new TopicUnknownError(topic);
  return partitions.sort((one, other) => one - other);
}

/** Repeats a request while its partitions have no leader that knows of it, as those of a topic that was just created. */
async function untilLed<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (!withoutLeader.includes(code) || performance.now() > deadlineMs) throw error;
    }
    await pause(pauseMs);
  }
}

async function listOffsets(
  consumer: KafkaConsumer,
  topic: string,
  partitions: readonly number[],
  timestampMs: number,
): Promise<ReadonlyMap<number, number>> {
  const asked = partitions.map((partition) => ({ topic, partition, offset: timestampMs }));
  const found = await untilLed(() =>
    request<TopicPartitionOffset[]>((done) => {
      consumer.offsetsForTimes(asked, timeoutMs, done);
    }),
  );
  return new Map(found.map(({ partition, offset }) => [partition, offset]));
}
