import { setTimeout as pauseFor } from 'node:timers/promises';
import type {
  ClusterAdmin,
  GroupAdmin,
  KafkaOptions,
  NewTopic,
  PartitionOffsets,
  TopicAdmin,
  TopicConfigs,
  TopicDescription,
  TopicPartition,
} from '@preservarium/backend';
import { isInternalTopic, type OffsetReader, partitionId } from '@preservarium/backend-kit';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import {
  AuthorizationError,
  BackendUnavailableError,
  ClosedError,
  ConfigurationError,
  type PusherError,
  TopicExistsError,
  TopicUnknownError,
} from '@preservarium/core';
import type { Admin } from 'kafkajs';
import { type Client, createClient } from './kafkajs-client.js';
import { createClusterAdmin } from './kafkajs-cluster.js';
import { createGroupAdmin } from './kafkajs-groups.js';
import type { TopicReader } from './kafkajs-patient-reader.js';
import { toPusherError } from './to-pusher-error.js';

const timeoutMs = 30_000;
/** Of Kafka's protocol; kafkajs does not export its enum to ES modules. */
const topicResource = 2;
const closeTimeoutMs = 1_000;

export interface KafkajsTopicAdmin
  extends TopicAdmin,
    TopicConfigs,
    GroupAdmin,
    ClusterAdmin,
    TopicReader,
    Pick<OffsetReader, 'offsetsForTime'> {
  /** As `GroupMember.committed`. */
  committed(groupId: string, partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

interface OpenAdmin {
  readonly client: Client;
  readonly admin: Admin;
  readonly connected: Promise<void>;
  requestsInFlight: number;
}

/** Connects when it is first used, and anew after a failure; requests in flight keep the client that they have. */
export function createTopicAdmin(options: KafkaOptions): KafkajsTopicAdmin {
  let open: OpenAdmin | undefined;
  const clients = new Set<Client>();
  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();

  function openAdmin(): OpenAdmin {
    const client = createClient(options);
    clients.add(client);
    const admin = client.kafka.admin();
    return { client, admin, connected: admin.connect(), requestsInFlight: 0 };
  }

  async function ask<T>(
    request: { readonly doing: string; readonly topic?: string; readonly timeoutMs: number },
    send: (admin: Admin) => Promise<T>,
  ): Promise<T> {
    if (closed) throw new ClosedError('the kafkajs backend');
    open ??= openAdmin();
    const asked = open;
    asked.requestsInFlight++;
    try {
      return await withDeadline(
        asked.connected.then(() => send(asked.admin)),
        {
          ...request,
          timedOut: () => unanswered(request, asked.client.lastFailure),
        },
      );
    } catch (cause) {
      const error = toPusherError(cause, {
        ...request,
        otherwise: (message, causes) => new BackendUnavailableError(message, causes),
        connectionFailure: asked.client.lastFailure,
      });
      if (!isAnswer(error) && open === asked) open = undefined;
      throw error;
    } finally {
      asked.requestsInFlight--;
      if (open !== asked && asked.requestsInFlight === 0) destroy(asked.client);
    }
  }

  /**
   * Sends a request that reads metadata when the one before it is answered. At the same time, a request for one topic would replace the metadata
   * of the topics of others.
   */
  function inTurn<T>(send: () => Promise<T>): Promise<T> {
    const answer = turn.then(send);
    turn = answer.catch(() => {});
    return answer;
  }

  function destroy(client: Client): void {
    clients.delete(client);
    client.destroy();
  }

  async function partitionsOf(topic: string, timeoutMs: number): Promise<number> {
    const doing = `read the metadata of topic "${topic}"`;
    const { topics } = await ask({ doing, topic, timeoutMs }, (admin) =>
      inTurn(() => admin.fetchTopicMetadata({ topics: [topic] })),
    );
    return topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  }

  async function createTopic(newTopic: NewTopic): Promise<void> {
    const { topic, partitions, replicationFactor, config = {} } = newTopic;
    const created = await ask({ doing: `create topic "${topic}"`, topic, timeoutMs }, (admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic,
            ...(partitions === undefined ? {} : { numPartitions: partitions }),
            ...(replicationFactor === undefined ? {} : { replicationFactor }),
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      }),
    );
    if (!created) throw new TopicExistsError(topic);
    await untilServed(topic, 1);
  }

  /** The controller has made the topic; the other brokers, the leaders of its partitions among them, learn of it a little later. */
  async function untilServed(topic: string, partitions: number): Promise<void> {
    const deadlineAt = Date.now() + timeoutMs;
    while (Date.now() <= deadlineAt) {
      try {
        if ((await partitionsOf(topic, timeoutMs)) >= partitions) {
          const doing = `find the leaders of topic "${topic}"`;
          await ask({ doing, topic, timeoutMs }, (admin) => inTurn(() => admin.fetchTopicOffsets(topic)));
          return;
        }
      } catch (error) {
        const mayPass = TopicUnknownError.isInstance(error) || BackendUnavailableError.isInstance(error);
        if (!mayPass) throw error;
      }
      await pauseFor(50);
    }
  }

  async function addPartitions({
    topic,
    partitions,
  }: {
    readonly topic: string;
    readonly partitions: number;
  }) {
    if ((await partitionsOf(topic, timeoutMs)) >= partitions) return;
    try {
      await ask({ doing: `add partitions to topic "${topic}"`, topic, timeoutMs }, (admin) =>
        admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] }),
      );
    } catch (error) {
      // Another process may have added them meanwhile.
      if ((await partitionsOf(topic, timeoutMs)) < partitions) throw error;
    }
    await untilServed(topic, partitions);
  }

  async function listTopics(): Promise<readonly TopicDescription[]> {
    const { topics } = await ask({ doing: 'list the topics', timeoutMs }, (admin) =>
      inTurn(() => admin.fetchTopicMetadata()),
    );
    return topics
      .filter(({ name }) => !isInternalTopic(name))
      .map(({ name, partitions }) => ({ topic: name, partitions: partitions.length }))
      .sort((a, b) => (a.topic < b.topic ? -1 : 1));
  }

  async function offsets({ topic, groupId }: { readonly topic: string; readonly groupId: string }) {
    const partitions = await partitionsOf(topic, timeoutMs);
    const doing = `read the offsets of group "${groupId}" on topic "${topic}"`;
    const [committed, bounds] = await ask({ doing, topic, timeoutMs }, (admin) =>
      Promise.all([
        admin.fetchOffsets({ groupId, topics: [topic] }),
        inTurn(() => admin.fetchTopicOffsets(topic)),
      ]),
    );
    const boundsOf = new Map(bounds.map(({ partition, low, high }) => [partition, { low, high }]));
    const committedOf = new Map(
      committed.flatMap((ofTopic) =>
        ofTopic.partitions.map(({ partition, offset }) => [partition, Number(offset)] as const),
      ),
    );
    return Array.from({ length: partitions }, (_, partition): PartitionOffsets => {
      // A negative number: nothing, or a default that kafkajs itself has committed.
      const committedOffset = committedOf.get(partition) ?? -1;
      return {
        partition,
        committedOffset: committedOffset < 0 ? undefined : committedOffset,
        startOffset: Number(boundsOf.get(partition)?.low ?? 0),
        endOffset: Number(boundsOf.get(partition)?.high ?? 0),
      };
    });
  }

  async function topicConfig(topic: string): Promise<Readonly<Record<string, string>>> {
    const doing = `read the settings of topic "${topic}"`;
    const resources = [{ type: topicResource, name: topic }];
    const { resources: found } = await ask({ doing, topic, timeoutMs }, (admin) =>
      admin.describeConfigs({ resources, includeSynonyms: false }),
    );
    const entries = found.flatMap(({ configEntries }) => configEntries);
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  }

  async function offsetsForTime(topic: string, timestampMs: number): Promise<ReadonlyMap<number, number>> {
    const doing = `read which records of topic "${topic}" are young enough`;
    const found = await ask({ doing, topic, timeoutMs }, (admin) =>
      inTurn(() => admin.fetchTopicOffsetsByTimestamp(topic, timestampMs)),
    );
    return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  async function committed(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyMap<string, number>> {
    const topics = [...new Set(partitions.map(({ topic }) => topic))];
    const doing = `read the offsets of group "${groupId}"`;
    const found = await ask({ doing, timeoutMs }, (admin) => admin.fetchOffsets({ groupId, topics }));
    return new Map(
      found.flatMap(({ topic, partitions: ofTopic }) =>
        ofTopic.map(({ partition, offset }) => [partitionId({ topic, partition }), Number(offset)] as const),
      ),
    );
  }

  async function close(): Promise<void> {
    closed = true;
    if (open !== undefined) await settledWithin(open.admin.disconnect(), closeTimeoutMs);
    for (const client of clients) destroy(client);
  }

  return {
    createTopic,
    addPartitions,
    listTopics,
    offsets,
    topicConfig,
    ...createGroupAdmin((doing, send) => ask({ doing, timeoutMs }, send)),
    ...createClusterAdmin((doing, send) => ask({ doing, timeoutMs }, (admin) => inTurn(() => send(admin)))),
    offsetsForTime,
    partitionsOf,
    committed,
    close,
  };
}

/** Returns whether the brokers answered with it: the connections are good, and other requests use them. */
function isAnswer(error: PusherError): boolean {
  return [AuthorizationError, ConfigurationError, TopicExistsError, TopicUnknownError].some((kind) =>
    kind.isInstance(error),
  );
}

function unanswered(
  { doing, timeoutMs }: { readonly doing: string; readonly timeoutMs: number },
  cause: unknown,
) {
  return new BackendUnavailableError(
    `cannot ${doing}: no broker answered within ${Math.round(timeoutMs)} ms; check the brokers' addresses and that they run`,
    { cause },
  );
}
