import {
  BackendUnavailableError,
  type PusherError,
  SubscriptionFailedError,
  TopicUnknownError,
} from '@preservarium/core';
import {
  type ConsumedRecord,
  type Logger,
  type SubscribeOptions,
  settledWithin,
  silentLogger,
  type TopicPartition,
  withDeadline,
} from '@preservarium/publisher';
import type { KafkaConsumer, LibrdKafkaError, Message, Metadata, TopicPartitionOffset } from 'node-rdkafka';
import { connectClient } from './client.js';
import {
  type ClientModule,
  consumerConfig,
  type RdkafkaSettings,
  sessionTimeoutMs,
} from './client-settings.js';
import { createOffsetCommits, partitionId } from './offset-commits.js';
import { createPartitionQueue, type PartitionQueue } from './partition-queue.js';
import { request } from './rdkafka-request.js';
import { endsSubscription, toPusherError } from './to-pusher-error.js';

const connectTimeoutMs = 10_000;
const joinTimeoutMs = 60_000;
const requestTimeoutMs = 10_000;
const missingTopicMs = 5000;
/** What committing and leaving may take each, also where the deadline is nearer. */
const leastMs = 2000;
const commitIntervalMs = 500;
/** A poll that does not come back for so long hangs. */
const silenceMs = 60_000;
const maxRecordsPerPoll = 1000;
/** While a poll waits for a record, it has a thread of libuv's pool to itself. */
const pollWaitMs = 100;

/** Calls of the handler under way, by partition. They outlive a member: the next one waits for them. */
export type HandlersUnderWay = Map<string, Promise<void>>;

export interface GroupMemberOptions {
  readonly client: ClientModule;
  readonly settings: RdkafkaSettings;
  readonly subscribe: SubscribeOptions;
  readonly handlersUnderWay: HandlersUnderWay;
}

/** One consumer in its group, from joining until it leaves or breaks. */
export interface GroupMember {
  settle(position: TopicPartition & { readonly nextOffset: number }): void;
  commit(): Promise<void>;
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
  const logger: Logger = settings.logger ?? silentLogger;
  const config = consumerConfig(settings, subscribe.groupId, subscribe.from);
  const queues = new Map<string, PartitionQueue>();
  const paused = new Map<string, TopicPartition>();
  const joined = Promise.withResolvers<void>();
  const broken = Promise.withResolvers<{ readonly error: unknown; readonly byHandler: boolean }>();
  let rebalancing: Promise<void> = Promise.resolve();
  const leaving = Promise.withResolvers<void>();
  let isLeaving = false;
  let whyBroken: PusherError | undefined;
  let left: Promise<void> | undefined;
  let stopPolling = false;

  const consumer: KafkaConsumer = new client.KafkaConsumer(
    {
      ...config.global,
      rebalance_cb: (error: LibrdKafkaError, partitions: TopicPartition[]) => {
        rebalancing = rebalancing.then(() => rebalance(error, partitions)).catch(breakDown);
      },
      offset_commit_cb: (error: LibrdKafkaError | undefined) => commits.onAnswer(error),
    },
    config.topic,
  );

  const commits = createOffsetCommits((offsets) => consumer.commit(offsets));

  function breakDown(error: unknown): void {
    whyBroken ??= toPusherError(error, { topic: subscribe.topics.join(', ') });
    broken.resolve({ error, byHandler: false });
  }

  // ---- rebalancing

  async function rebalance(error: LibrdKafkaError, partitions: TopicPartition[]): Promise<void> {
    // The client waits for assign or unassign in every case, also while it ends.
    if (error.code === client.CODES.ERRORS.ERR__ASSIGN_PARTITIONS && !isLeaving) await assign(partitions);
    else await revoke(partitions);
  }

  async function assign(partitions: TopicPartition[]): Promise<void> {
    consumer.assign(subscribe.from === 'end' ? await startingAtEnd(partitions) : partitions);
    for (const { topic, partition } of partitions) {
      const id = partitionId({ topic, partition });
      queues.set(id, createQueue({ topic, partition }, id));
    }
    subscribe.onAssigned?.(partitions.map(({ topic, partition }) => ({ topic, partition })));
    joined.resolve();
  }

  /** The end as it is now: the client by itself would look for it only some time after this member has joined. */
  async function startingAtEnd(partitions: TopicPartition[]): Promise<TopicPartitionOffset[]> {
    const committed = await request<TopicPartitionOffset[]>((done) => {
      consumer.committed(partitions, requestTimeoutMs, done);
    });
    return Promise.all(
      committed.map(async ({ topic, partition, offset }) => {
        if (offset >= 0) return { topic, partition, offset };
        const { highOffset } = await request<{ highOffset: number }>((done) => {
          consumer.queryWatermarkOffsets(topic, partition, requestTimeoutMs, done);
        });
        return { topic, partition, offset: highOffset };
      }),
    );
  }

  function createQueue(partition: TopicPartition, id: string): PartitionQueue {
    return createPartitionQueue({
      onRecords: subscribe.onRecords,
      handlerFree: handlersUnderWay.get(id) ?? Promise.resolve(),
      onHandling(handling) {
        handlersUnderWay.set(id, handling);
        void handling.then(() => {
          if (handlersUnderWay.get(id) === handling) handlersUnderWay.delete(id);
        });
      },
      onTaken() {
        if (!paused.delete(id)) return;
        consumer.resume([partition]);
      },
      onFailed: (error) => broken.resolve({ error, byHandler: true }),
    });
  }

  async function revoke(partitions: TopicPartition[]): Promise<void> {
    for (const queue of queues.values()) queue.stop();
    if (!isLeaving && partitions.length > 0) {
      await giveTimeToRevoke(partitions.map(({ topic, partition }) => ({ topic, partition })));
      await settledWithin(commitLogged(), requestTimeoutMs);
    }
    queues.clear();
    paused.clear();
    commits.clear();
    consumer.unassign();
  }

  async function giveTimeToRevoke(partitions: readonly TopicPartition[]): Promise<void> {
    try {
      const revoked = Promise.race([subscribe.onRevoked?.(partitions), leaving.promise]);
      if (await settledWithin(revoked, sessionTimeoutMs)) return await revoked;
      logger.warn({ groupId: subscribe.groupId }, 'onRevoked took longer than the session timeout');
    } catch (cause) {
      broken.resolve({
        error: new SubscriptionFailedError('onRevoked rejected', { cause }),
        byHandler: true,
      });
    }
  }

  // ---- records

  async function pollForRecords(): Promise<void> {
    while (!stopPolling) {
      const ready = await poll(maxRecordsPerPoll, 0);
      take(ready.length > 0 ? ready : await poll(1, pollWaitMs));
    }
  }

  async function poll(maxRecords: number, waitMs: number): Promise<readonly Message[]> {
    consumer.setDefaultConsumeTimeout(waitMs);
    const polled = request<Message[]>((done) => {
      consumer.consume(maxRecords, done);
    });
    try {
      return await withDeadline(polled, {
        doing: 'poll',
        timeoutMs: silenceMs,
        timedOut: () => new BackendUnavailableError(`the consumer fell silent for ${silenceMs} ms`),
      });
    } catch (error) {
      if (endsSubscription(error)) throw error;
      logger.warn({ error }, 'the consumer goes on after an error');
      await settledWithin(broken.promise, pollWaitMs);
      return [];
    }
  }

  function take(messages: readonly Message[]): void {
    const touched = new Set<string>();
    for (const message of messages) {
      const id = partitionId(message);
      queues.get(id)?.add(toRecord(message));
      touched.add(id);
    }
    for (const id of touched) {
      const queue = queues.get(id);
      queue?.handOver();
      if (queue?.isFull()) pause(id, messages);
    }
  }

  function pause(id: string, messages: readonly Message[]): void {
    const message = messages.find((candidate) => partitionId(candidate) === id);
    if (message === undefined || paused.has(id)) return;
    const partition = { topic: message.topic, partition: message.partition };
    paused.set(id, partition);
    consumer.pause([partition]);
  }

  // ---- offsets

  function settle(position: TopicPartition & { readonly nextOffset: number }): void {
    if (queues.get(partitionId(position))?.hasHandedOver(position.nextOffset)) commits.settle(position);
  }

  async function commitLogged(): Promise<void> {
    try {
      await commits.commit();
    } catch (error) {
      logger.warn({ error, groupId: subscribe.groupId }, 'offsets were not committed; they are tried again');
    }
  }

  // ---- joining and leaving

  /** The first topic without partitions for us: it does not exist, or we may not see it. */
  async function findMissingTopic(): Promise<string | undefined> {
    for (const topic of subscribe.topics) {
      const metadata = await request<Metadata>((done) => {
        consumer.getMetadata({ topic, allTopics: false, timeout: requestTimeoutMs }, done);
      });
      const found = metadata.topics.find(({ name }) => name === topic);
      if (found === undefined || found.partitions.length === 0) return topic;
    }
    return undefined;
  }

  function leave({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    left ??= stopAndLeave(timeoutMs);
    return left;
  }

  async function stopAndLeave(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    startLeaving();
    for (const queue of queues.values()) queue.stop();
    await settledWithin(Promise.all(handlersUnderWay.values()), timeoutMs);
    await settledWithin(commitLogged(), Math.max(leastMs, deadlineMs - performance.now()));
    queues.clear();
    await end(Math.max(leastMs, deadlineMs - performance.now()));
  }

  function startLeaving(): void {
    isLeaving = true;
    leaving.resolve();
  }

  async function end(timeoutMs: number): Promise<void> {
    startLeaving();
    stopPolling = true;
    clearInterval(commitTimer);
    // A disconnect beside a poll or a rebalance that is under way crashes or hangs the client.
    await settledWithin(Promise.all([polling, rebalancing]), timeoutMs);
    const disconnected = new Promise<void>((resolve) => {
      consumer.disconnect(() => resolve());
    });
    if (await settledWithin(disconnected, timeoutMs)) return;
    logger.warn({ timeoutMs }, 'the consumer did not end in time and is left to end by itself');
  }

  let polling: Promise<void> = Promise.resolve();
  let commitTimer: NodeJS.Timeout | undefined;
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
    const missing = await findMissingTopic();
    consumer.subscribe([...subscribe.topics]);
    polling = pollForRecords().catch(breakDown);
    commitTimer = setInterval(() => void commitLogged(), commitIntervalMs);
    if (missing !== undefined) {
      // Only the consumer is told why.
      await settledWithin(broken.promise, missingTopicMs);
      throw new TopicUnknownError(missing);
    }
    await withDeadline(Promise.race([joined.promise, broken.promise]), {
      doing: `join group "${subscribe.groupId}"`,
      timeoutMs: joinTimeoutMs,
    });
    if (whyBroken) throw whyBroken;
  } catch (error) {
    await end(requestTimeoutMs);
    throw whyBroken ?? toPusherError(error);
  }
  return { settle, commit: commits.commit, broken: broken.promise, leave };
}

function toRecord({
  topic,
  partition,
  offset,
  timestamp,
  key,
  value,
  headers = [],
}: Message): ConsumedRecord {
  return {
    topic,
    partition,
    offset,
    timestampMs: timestamp ?? 0,
    key: key === null || key === undefined ? null : Buffer.from(key),
    value,
    headers: Object.fromEntries(
      headers.flatMap((header) =>
        Object.entries(header).map(([name, content]) => [name, content.toString()]),
      ),
    ),
  };
}
