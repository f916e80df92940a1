import { type SubscribeOptions, silentLogger, type TopicPartition } from '@preservarium/backend';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { type PusherError, TopicUnknownError } from '@preservarium/core';
import type { KafkaConsumer, LibrdKafkaError } from 'node-rdkafka';
import { connectClient } from './client.js';
import { type ClientModule, consumerConfig, type RdkafkaOptions } from './client-options.js';
import { createOffsetCommits } from './offset-commits.js';
import { createAssignedPartitions, type HandlersUnderWay } from './rdkafka-assigned-partitions.js';
import { followContact } from './rdkafka-contact.js';
import { partitionsOf } from './rdkafka-metadata.js';
import { createRebalance } from './rdkafka-rebalance.js';
import { pollForRecords } from './rdkafka-record-polling.js';
import { endsSubscription, toPusherError } from './to-pusher-error.js';

const connectTimeoutMs = 10_000;
const joinTimeoutMs = 60_000;
const requestTimeoutMs = 10_000;
const missingTopicMs = 5000;
/** What committing and leaving may take each, also where the deadline is nearer. */
const leastMs = 2000;
const commitIntervalMs = 500;

export interface GroupMemberOptions {
  readonly client: ClientModule;
  readonly settings: RdkafkaOptions;
  readonly subscribe: SubscribeOptions;
  readonly handlersUnderWay: HandlersUnderWay;
}

/** One consumer in its group, from joining until it leaves or breaks. */
export interface GroupMember {
  settle(position: TopicPartition & { readonly nextOffset: number }): void;
  commit(): Promise<void>;
  /** Whether the brokers have answered it lately. */
  isConnected(): boolean;
  /** Resolves with why the member can do nothing more. */
  readonly broken: Promise<{ readonly error: unknown; readonly byHandler: boolean }>;
  /** Hands nothing over any more, waits for the handlers up to the deadline, commits and leaves the group. */
  leave(options: { readonly timeoutMs: number }): Promise<void>;
}

/** Joins the group. Rejects with `BACKEND_UNAVAILABLE`, `AUTHENTICATION_FAILED` or `TOPIC_UNKNOWN`. */
export async function joinGroup({
  client,
  settings,
  subscribe,
  handlersUnderWay,
}: GroupMemberOptions): Promise<GroupMember> {
  const { logger = silentLogger } = settings;
  const { groupId } = subscribe;
  const config = consumerConfig(settings, groupId, subscribe.from);
  const joined = Promise.withResolvers<void>();
  const broken = Promise.withResolvers<{ readonly error: unknown; readonly byHandler: boolean }>();
  const leaving = Promise.withResolvers<void>();
  let isLeaving = false;
  let whyBroken: PusherError | undefined;
  let rebalancing: Promise<void> = Promise.resolve();
  let polling: Promise<void> = Promise.resolve();
  let commitTimer: NodeJS.Timeout | undefined;
  let ended = false;
  let left: Promise<void> | undefined;

  const consumer: KafkaConsumer = new client.KafkaConsumer(
    {
      ...config.global,
      rebalance_cb: (error: LibrdKafkaError, partitions: TopicPartition[]) => {
        rebalancing = rebalancing.then(() => onRebalance(error, partitions)).catch(breakDown);
      },
      offset_commit_cb: (error: LibrdKafkaError | undefined) => commits.onAnswer(error),
    },
    config.topic,
  );
  const isConnected = followContact(consumer);
  const commits = createOffsetCommits((offsets) => consumer.commit(offsets));
  const assigned = createAssignedPartitions({
    consumer,
    onRecords: subscribe.onRecords,
    handlersUnderWay,
    onFailed: failHandler,
  });
  const rebalance = createRebalance({
    consumer,
    logger,
    subscribe,
    assigned,
    commit: commitLogged,
    forget: commits.clear,
    leaving: leaving.promise,
    onFailed: failHandler,
  });

  function breakDown(error: unknown): void {
    whyBroken ??= toPusherError(error, { topic: subscribe.topics.join(', ') });
    broken.resolve({ error, byHandler: false });
  }

  function failHandler(error: unknown): void {
    broken.resolve({ error, byHandler: true });
  }

  async function onRebalance(error: LibrdKafkaError, partitions: TopicPartition[]): Promise<void> {
    // The client waits for assign or unassign in every case, also while it ends.
    if (error.code !== client.CODES.ERRORS.ERR__ASSIGN_PARTITIONS || isLeaving) {
      return rebalance.revoke(partitions, { isLeaving });
    }
    await rebalance.assign(partitions);
    joined.resolve();
  }

  async function commitLogged(): Promise<void> {
    try {
      await commits.commit();
    } catch (error) {
      logger.warn({ error, groupId }, 'offsets were not committed; they are tried again');
    }
  }

  // ---- joining

  async function join(): Promise<void> {
    const missing = await findMissingTopic();
    consumer.subscribe([...subscribe.topics]);
    polling = pollForRecords({
      consumer,
      logger,
      take: assigned.take,
      broken: broken.promise,
      isStopped: () => ended,
    }).catch(breakDown);
    commitTimer = setInterval(() => void commitLogged(), commitIntervalMs);
    if (missing !== undefined) {
      // Only the consumer is told why.
      await settledWithin(broken.promise, missingTopicMs);
      throw new TopicUnknownError(missing);
    }
    await withDeadline(Promise.race([joined.promise, broken.promise]), {
      doing: `join group "${groupId}"`,
      timeoutMs: joinTimeoutMs,
    });
    if (whyBroken) throw whyBroken;
  }

  /** The first topic without partitions for us: it does not exist, or we may not see it. */
  async function findMissingTopic(): Promise<string | undefined> {
    for (const topic of subscribe.topics) {
      if ((await partitionsOf(consumer, topic, requestTimeoutMs)).length === 0) return topic;
    }
    return undefined;
  }

  // ---- leaving

  function leave({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    left ??= stopAndLeave(timeoutMs);
    return left;
  }

  async function stopAndLeave(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    startLeaving();
    assigned.stop();
    await settledWithin(Promise.all(handlersUnderWay.values()), timeoutMs);
    await settledWithin(commitLogged(), Math.max(leastMs, deadlineMs - performance.now()));
    assigned.clear();
    await end(Math.max(leastMs, deadlineMs - performance.now()));
  }

  function startLeaving(): void {
    isLeaving = true;
    leaving.resolve();
  }

  async function end(timeoutMs: number): Promise<void> {
    startLeaving();
    ended = true;
    clearInterval(commitTimer);
    // A disconnect beside a poll or a rebalance that is under way crashes or hangs the client.
    await settledWithin(Promise.all([polling, rebalancing]), timeoutMs);
    const disconnected = new Promise<void>((resolve) => {
      consumer.disconnect(() => resolve());
    });
    if (await settledWithin(disconnected, timeoutMs)) return;
    logger.warn({ timeoutMs }, 'the consumer did not end in time and is left to end by itself');
  }

  await connectClient(consumer, settings, {
    timeoutMs: connectTimeoutMs,
    serveEvents: () => {
      consumer.setDefaultConsumeTimeout(0);
      consumer.consume(1, (error: LibrdKafkaError | null) => {
        // The client says only once that the group is refused, and may say it before it is connected.
        if (error && endsSubscription(error)) breakDown(error);
      });
    },
  });
  try {
    await join();
  } catch (error) {
    await end(requestTimeoutMs);
    throw whyBroken ?? toPusherError(error);
  }
  return {
    settle(position) {
      if (assigned.hasHandedOver(position)) commits.settle(position);
    },
    commit: commits.commit,
    isConnected,
    broken: broken.promise,
    leave,
  };
}
