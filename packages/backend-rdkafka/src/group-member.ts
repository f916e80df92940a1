import { type SubscribeOptions, silentLogger, type TopicPartition } from '@preservarium/backend';
import {
  fetchMinBytes,
  type GroupMember,
  type GroupMemberCallbacks,
  type MemberFailure,
} from '@preservarium/backend-kit';
import { settledWithin } from '@preservarium/concurrency';
import {
  AuthenticationError,
  BackendUnavailableError,
  ConfigurationError,
  SubscriptionFailedError,
  TopicUnknownError,
} from '@preservarium/core';
import type { KafkaConsumer, LibrdKafkaError, TopicPartitionOffset } from 'node-rdkafka';
import type { RdkafkaClientOptions } from './client-options.js';
import { createBackPressure } from './rdkafka-back-pressure.js';
import { connectClient } from './rdkafka-client.js';
import { consumerConfig } from './rdkafka-config.js';
import { createContact } from './rdkafka-contact.js';
import { endsSubscription, isClientBroken } from './rdkafka-failures.js';
import { findBlocked } from './rdkafka-find-blocked.js';
import type { ClientLogLine } from './rdkafka-log.js';
import { partitionsOf } from './rdkafka-metadata.js';
import type { ClientModule } from './rdkafka-module.js';
import { createRdkafkaOffsetCommits } from './rdkafka-offset-commits.js';
import { readCommitted, readOffsets, readOffsetsForTime } from './rdkafka-offsets.js';
import { pollForRecords } from './rdkafka-record-polling.js';
import { followCredentials } from './rdkafka-renewed-credentials.js';
import { createStalledPartitions, type StalledPartition } from './rdkafka-stalled-partitions.js';
import { followStatistics } from './rdkafka-statistics.js';
import { toPusherError } from './to-pusher-error.js';

const connectTimeoutMs = 10_000;
const requestTimeoutMs = 10_000;
const missingTopicMs = 5000;
const credentialsCheckMs = 1000;
const lookEveryMs = 10_000;
/** The log is at most so much later than the error for which it gives the reason. */
const reasonWithinMs = 1000;
/** The client is given so long to end, also where the deadline is nearer. */
const leastLeaveMs = 2000;

/** Starts a consumer of node-rdkafka that joins the group. */
export function joinGroup(
  client: ClientModule,
  options: RdkafkaClientOptions,
  { topics, groupId, instanceId, fetchMaxWaitMs, maxFetchBytes }: SubscribeOptions,
  { onAssigned, revokeAll, queueOf, onBlocked }: GroupMemberCallbacks,
): GroupMember {
  const { logger = silentLogger } = options;
  const joined = Promise.withResolvers<void>();
  const broken = Promise.withResolvers<MemberFailure>();
  let isConnecting = true;
  let isBroken = false;
  let isLooking = false;
  let leaving: Promise<void> | undefined;
  let rebalancing: Promise<void> = Promise.resolve();
  let polling: Promise<void> = Promise.resolve();

  const config = consumerConfig(options, groupId);
  const consumer: KafkaConsumer = new client.KafkaConsumer(
    {
      ...config.global,
      ...(instanceId !== undefined && { 'group.instance.id': instanceId }),
      ...(fetchMaxWaitMs !== undefined && {
        'fetch.min.bytes': fetchMinBytes,
        'fetch.wait.max.ms': fetchMaxWaitMs,
      }),
      ...(maxFetchBytes !== undefined && { 'queued.max.messages.kbytes': Math.ceil(maxFetchBytes / 1024) }),
      rebalance_cb: (error: LibrdKafkaError, partitions: TopicPartition[]) => {
        rebalancing = rebalancing.then(() => onRebalance(error, partitions)).catch(breakDown);
      },
      offset_commit_cb: (error: LibrdKafkaError | undefined, offsets: TopicPartitionOffset[]) =>
        commits.onAnswer(error, offsets),
    },
    config.topic,
  );
  const contact = createContact();
  const findStalled = createStalledPartitions();
  followStatistics(consumer, (statistics) => {
    contact.take(statistics);
    void lookAt(findStalled(statistics));
  });
  const areCredentialsRenewed = followCredentials(consumer, options);
  const credentialsCheck = setInterval(() => {
    if (areCredentialsRenewed())
      breakDown(new AuthenticationError('the brokers refused the old credentials'));
  }, credentialsCheckMs).unref();
  const commits = createRdkafkaOffsetCommits();
  const backPressure = createBackPressure(consumer, queueOf);

  // The error that ends the consumer does not say why; the log does.
  consumer.on('event.log', ({ fac, message }: ClientLogLine) => {
    if (fac !== 'FATAL' || !message.includes('fenced') || instanceId === undefined) return;
    endWith(
      new ConfigurationError(
        `instanceId: "${instanceId}" is used by another member of group "${groupId}", which has taken the place of this one; give each a name of its own`,
      ),
    );
  });

  function breakDown(cause: unknown): void {
    isBroken = true;
    // A new consumer under an id that another one uses would end that one in turn: the log, which may come later, decides.
    if (isClientBroken(cause)) void settledWithin(broken.promise, reasonWithinMs).then(() => endWith(cause));
    else endWith(cause);
  }

  function endWith(cause: unknown): void {
    isBroken = true;
    clearInterval(credentialsCheck);
    const error = toPusherError(cause, {
      topic: topics.join(', '),
      groupId,
      otherwise: (message, causes) => new SubscriptionFailedError(message, causes),
    });
    broken.resolve({ error, wasConnected: !isConnecting });
  }

  async function onRebalance({ code }: LibrdKafkaError, partitions: TopicPartition[]): Promise<void> {
    // The client waits for assign or unassign in every case, also while it ends.
    if (code !== client.CODES.ERRORS.ERR__ASSIGN_PARTITIONS || leaving !== undefined) return revoke();
    const starts = await onAssigned(partitions.map(({ topic, partition }) => ({ topic, partition })));
    if (starts === undefined) return revoke();
    consumer.assign(starts.map(({ topic, partition, readFrom }) => ({ topic, partition, offset: readFrom })));
    joined.resolve();
  }

  async function revoke(): Promise<void> {
    await revokeAll();
    backPressure.release();
    consumer.unassign();
  }

  /** Looks for records that cannot be decompressed, one look at a time and not often: a frozen broker stalls partitions as well. */
  async function lookAt(stalled: readonly StalledPartition[]): Promise<void> {
    // A partition is paused while its queue is full.
    const idle = stalled.filter((partition) => queueOf(partition)?.isFull() === false);
    if (idle.length === 0 || isLooking || leaving !== undefined) return;
    isLooking = true;
    try {
      for (const blocked of await findBlocked(client, options, { groupId, stalled: idle }))
        onBlocked(blocked);
    } catch (error) {
      logger.debug({ err: error, groupId }, 'cannot look at the partitions of which nothing comes');
    }
    setTimeout(() => {
      isLooking = false;
    }, lookEveryMs).unref();
  }

  async function start(): Promise<void> {
    await connect();
    isConnecting = false;
    if (leaving !== undefined) return;
    const missing = await findMissingTopic();
    consumer.subscribe([...topics]);
    polling = pollForRecords({
      consumer,
      logger,
      take: backPressure.take,
      broken: broken.promise,
      isStopped: () => isBroken || leaving !== undefined,
    }).catch(breakDown);
    if (missing === undefined) return;
    // Only the consumer gets the reason, for example that it may not read the topic.
    await settledWithin(broken.promise, missingTopicMs);
    throw new TopicUnknownError(missing);
  }

  function connect(): Promise<void> {
    return connectClient(consumer, options, {
      timeoutMs: connectTimeoutMs,
      serveEvents: () => {
        consumer.setDefaultConsumeTimeout(0);
        consumer.consume(1, (error: LibrdKafkaError | null) => {
          // The client reports only once that the group is refused, and may do so before it is connected.
          if (error && endsSubscription(error)) breakDown(error);
        });
      },
    });
  }

  /** Returns the first topic without partitions for this client: it does not exist, or the client may not see it. */
  async function findMissingTopic(): Promise<string | undefined> {
    for (const topic of topics) {
      if ((await partitionsOf(consumer, topic, requestTimeoutMs)).length === 0) return topic;
    }
    return undefined;
  }

  async function disconnect(timeoutMs: number): Promise<void> {
    // A disconnect beside a poll or a rebalance crashes or hangs the client.
    await settledWithin(Promise.all([starting, polling, rebalancing]), timeoutMs);
    // One that could not connect has ended by itself; one that still tries is ended when it has connected.
    if (isConnecting) return void starting.then(() => !isConnecting && consumer.disconnect());
    const disconnected = new Promise<void>((resolve) => {
      consumer.disconnect(() => resolve());
    });
    if (await settledWithin(disconnected, timeoutMs)) return;
    logger.warn({ groupId, timeoutMs }, 'the consumer did not end in time and is left to end by itself');
  }

  const starting = start().catch(breakDown);
  return {
    joined: joined.promise,
    broken: broken.promise,
    offsets: (topic) => readOffsets(consumer, { topic, groupId }),
    offsetsForTime: (topic, timestampMs) => readOffsetsForTime(consumer, topic, timestampMs),
    committed: (partitions) => readCommitted(consumer, partitions),
    isConnected: () => !isConnecting && !isBroken && leaving === undefined && contact.has(),
    async commit(positions) {
      if (isConnecting)
        throw new BackendUnavailableError(`the consumer of group "${groupId}" is not connected`);
      try {
        await commits.send(consumer, positions);
      } catch (cause) {
        throw toPusherError(cause);
      }
    },
    leave({ timeoutMs }) {
      clearInterval(credentialsCheck);
      leaving ??= disconnect(Math.max(leastLeaveMs, timeoutMs));
      return leaving;
    },
  };
}
