import { setTimeout as pauseFor } from 'node:timers/promises';
import type { BlockedPartition, KafkaOptions, SubscribeOptions, TopicPartition } from '@preservarium/backend';
import {
  fetchMinBytes,
  type GroupMember,
  type GroupMemberCallbacks,
  type MemberFailure,
  type PartitionQueue,
} from '@preservarium/backend-kit';
import { settledWithin } from '@preservarium/concurrency';
import { BackendUnavailableError, SubscriptionFailedError } from '@preservarium/core';
import type { Assignment, EachBatchPayload } from 'kafkajs';
import { createClient } from './kafkajs-client.js';
import { retryFor } from './kafkajs-config.js';
import {
  crashWhenOutOfRange,
  delayFetches,
  delayJoins,
  endAtOpenTransactions,
  followLeaders,
  passOverUnreadable,
} from './kafkajs-internals.js';
import { rangeAssigner } from './kafkajs-range-assigner.js';
import { toPusherError } from './to-pusher-error.js';
import { toRecord } from './to-record.js';
import type { KafkajsTopicAdmin } from './topic-admin.js';

/** Without a heartbeat for this long, the brokers give a member's partitions to others. */
const sessionTimeoutMs = 30_000;
const rebalanceTimeoutMs = 45_000;
/** A member that neither fetched nor joined for so long is stuck. */
const silenceLimitMs = sessionTimeoutMs + rebalanceTimeoutMs;
/** Fetches and heartbeats are answered much more often than this. */
const contactLimitMs = 10_000;
/**
 * The brokers may delay the response to a fetch for this long when there is nothing new. New records still come at once; a
 * partition that was paused, and the news of a rebalance, wait for as long as this.
 */
const fetchWaitMs = 250;
/** A partition that is added to a topic is noticed within this time. */
const metadataMaxAgeMs = 30_000;
/**
 * kafkajs fetches again only when all batches of the last fetch are processed. The partition of a batch that takes longer than this
 * is paused until it is processed, so that the others go on.
 */
const patienceMs = 100;
/** A partition with records that cannot be decompressed is fetched again after this time. */
const blockedForMs = 10_000;

/** Starts a kafkajs consumer that joins the group. */
export function joinGroup(
  options: KafkaOptions,
  topicAdmin: Pick<KafkajsTopicAdmin, 'offsets' | 'offsetsForTime' | 'committed'>,
  { topics, groupId, fetchMaxWaitMs, maxFetchBytes }: SubscribeOptions,
  { onAssigned, revokeAll, queueOf, onBlocked }: GroupMemberCallbacks,
): GroupMember {
  const client = createClient(options);
  const joined = Promise.withResolvers<void>();
  const broken = Promise.withResolvers<MemberFailure>();
  const consumer = client.kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    maxWaitTimeInMs: fetchMaxWaitMs ?? fetchWaitMs,
    ...(fetchMaxWaitMs !== undefined && { minBytes: fetchMinBytes }),
    ...(maxFetchBytes !== undefined && { maxBytes: maxFetchBytes }),
    metadataMaxAge: metadataMaxAgeMs,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (config) => {
        delayJoins(config.cluster, revokeAll);
        followLeaders(config.cluster, topics);
        delayFetches(config.cluster, () => positioned);
        crashWhenOutOfRange(config.cluster);
        endAtOpenTransactions(config.cluster);
        passOverUnreadable(config.cluster, block);
        return rangeAssigner(config);
      },
    ],
    retry: { ...retryFor(sessionTimeoutMs), restartOnFailure: async () => false },
  });
  const { GROUP_JOIN, FETCH, CRASH, REQUEST, END_BATCH_PROCESS } = consumer.events;

  let running = true;
  let wasConnected = false;
  /** Resolves when the consumer knows where to fetch from. */
  let positioned: Promise<void> = Promise.resolve();
  let lastSignAtMs = Date.now();
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  const watchdog = setInterval(() => {
    if (Date.now() - lastSignAtMs < silenceLimitMs) return;
    breakDown(new BackendUnavailableError(`the consumer was silent for ${silenceLimitMs} ms`));
  }, 5_000);

  function breakDown(cause: unknown): void {
    end();
    const [topic] = topics;
    const error = toPusherError(cause, {
      doing: `consume as group "${groupId}"`,
      ...(topic === undefined ? {} : { topic }),
      otherwise: (message, causes) => new SubscriptionFailedError(message, causes),
    });
    broken.resolve({ error, wasConnected });
  }

  /** The broker would send the same records again without end. */
  function block(blocked: BlockedPartition): void {
    const { topic, partition } = blocked;
    consumer.pause([{ topic, partitions: [partition] }]);
    setTimeout(() => running && consumer.resume([{ topic, partitions: [partition] }]), blockedForMs).unref();
    onBlocked(blocked);
  }

  function end(): void {
    running = false;
    clearInterval(watchdog);
    client.destroy();
  }

  consumer.on(GROUP_JOIN, ({ payload }) => {
    lastSignAtMs = Date.now();
    positioned = position(toPartitions(payload.memberAssignment)).catch(breakDown);
  });
  consumer.on(FETCH, () => {
    lastSignAtMs = Date.now();
  });
  // Emitted with the response.
  consumer.on(REQUEST, () => {
    answeredAtMs = Date.now();
  });
  // For a batch of which nothing is left, such as a marker of a transaction, `eachBatch` is not called.
  consumer.on(END_BATCH_PROCESS, ({ payload }) => {
    const { batchSize, topic, partition } = payload;
    const queue = batchSize === 0 && running ? queueOf({ topic, partition }) : undefined;
    if (queue === undefined) return;
    noteEnd(queue, payload.lastOffset, payload.highWatermark);
    void queue.handOver();
  });
  consumer.on(CRASH, ({ payload }) => breakDown(payload.error));

  async function position(assigned: readonly TopicPartition[]): Promise<void> {
    const starts = await onAssigned(assigned);
    if (starts === undefined || !running) return;
    for (const { topic, partition, readFrom } of starts)
      consumer.seek({ topic, partition, offset: String(readFrom) });
    joined.resolve();
  }

  async function eachBatch({ batch, resolveOffset, pause }: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = batch;
    const queue = running ? queueOf({ topic, partition }) : undefined;
    const last = messages.at(-1);
    if (queue === undefined || last === undefined) {
      // The partition was revoked meanwhile; kafkajs comes with the same records again until it knows.
      await pauseFor(patienceMs);
      return;
    }
    for (const message of messages) queue.add(toRecord(topic, partition, message));
    resolveOffset(last.offset);
    noteEnd(queue, batch.lastOffset(), batch.highWatermark);
    const processed = queue.handOver();
    if (await settledWithin(processed, patienceMs)) return;
    const resume = pause();
    void processed.then(resume);
  }

  async function start(): Promise<void> {
    await consumer.connect();
    wasConnected = true;
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64,
      eachBatch,
    });
  }

  start().catch(breakDown);

  return {
    joined: joined.promise,
    broken: broken.promise,
    offsets: (topic) => topicAdmin.offsets({ topic, groupId }),
    offsetsForTime: topicAdmin.offsetsForTime,
    committed: (partitions) => topicAdmin.committed(groupId, partitions),
    isConnected: () => running && Date.now() - answeredAtMs < contactLimitMs,
    async commit(positions) {
      if (!running) throw new BackendUnavailableError(`the consumer of group "${groupId}" has ended`);
      const offsets = positions.map(({ topic, partition, nextOffset }) => ({
        topic,
        partition,
        offset: String(nextOffset),
      }));
      try {
        await consumer.commitOffsets(offsets);
      } catch (cause) {
        // While the group rebalances the brokers refuse commits; they take them again after it.
        const otherwise = (message: string) => new BackendUnavailableError(message, { cause });
        throw toPusherError(cause, { doing: `commit offsets of group "${groupId}"`, otherwise });
      }
    },
    async leave({ timeoutMs }) {
      if (!running) return;
      clearInterval(watchdog);
      await settledWithin(consumer.disconnect(), timeoutMs);
      end();
    },
  };
}

function noteEnd(queue: PartitionQueue, lastOffset: string, highWatermark: string): void {
  if (Number(lastOffset) + 1 >= Number(highWatermark)) queue.reached(Number(lastOffset) + 1);
}

function toPartitions(assignment: Assignment): TopicPartition[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
