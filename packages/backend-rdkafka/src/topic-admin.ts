import type { NewTopic, TopicAdmin, TopicDescription } from '@preservarium/backend';
import { isInternalTopic } from '@preservarium/backend-kit';
import { BackendUnavailableError, ConfigurationError, TopicUnknownError } from '@preservarium/core';
import type { IAdminClient, LibrdKafkaError, Metadata, Producer } from 'node-rdkafka';
import type { RdkafkaClientOptions } from './client-options.js';
import { connectClient } from './rdkafka-client.js';
import { connectionConfig } from './rdkafka-config.js';
import { createGroupClients } from './rdkafka-group-clients.js';
import { partitionsOf } from './rdkafka-metadata.js';
import type { ClientModule } from './rdkafka-module.js';
import { readOffsets } from './rdkafka-offsets.js';
import { toPusherError } from './to-pusher-error.js';

const requestTimeoutMs = 10_000;
const readyTimeoutMs = 10_000;
const readyPollMs = 50;
/** Lets the broker choose. */
const brokersDefault = -1;

export interface RdkafkaTopicAdmin extends TopicAdmin {
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** Making and listing topics have connections of their own and end them; those that ask for offsets are kept a while. */
export function createTopicAdmin(client: ClientModule, options: RdkafkaClientOptions): RdkafkaTopicAdmin {
  const groupClients = createGroupClients(client, options);

  async function createTopic(topic: NewTopic): Promise<void> {
    if (topic.topic === '')
      throw new ConfigurationError('topic: a topic needs a name, for example "device_commands"');
    await withClient(async (producer) => {
      await create(topic);
      await untilReady(producer, topic.topic);
    });
  }

  async function addPartitions({
    topic,
    partitions,
  }: {
    readonly topic: string;
    readonly partitions: number;
  }) {
    await withClient(async (producer) => {
      const count = async () => (await partitionsOf(producer, topic, requestTimeoutMs)).length;
      const before = await count();
      if (before === 0) throw new TopicUnknownError(topic);
      if (before >= partitions) return;
      try {
        await change(topic, (admin, done) =>
          admin.createPartitions(topic, partitions, requestTimeoutMs, done),
        );
      } catch (error) {
        // Another process may have added them meanwhile.
        if ((await count()) < partitions) throw error;
      }
      await untilReady(producer, topic, partitions);
    });
  }

  function create({ topic, partitions, replicationFactor, config = {} }: NewTopic): Promise<void> {
    const newTopic = {
      topic,
      num_partitions: partitions ?? brokersDefault,
      replication_factor: replicationFactor ?? brokersDefault,
      config: { ...config },
    };
    return change(topic, (admin, done) => admin.createTopic(newTopic, requestTimeoutMs, done));
  }

  async function change(
    topic: string,
    send: (admin: IAdminClient, done: (error: LibrdKafkaError) => void) => void,
  ): Promise<void> {
    const token = await options.tokens?.current();
    const admin = client.AdminClient.create(connectionConfig(options), token?.value);
    try {
      await new Promise<void>((resolve, reject) => {
        send(admin, (error) => {
          if (error) reject(toPusherError(error, { topic }));
          else resolve();
        });
      });
    } finally {
      admin.disconnect();
    }
  }

  async function untilReady(producer: Producer, topic: string, partitions = 1): Promise<void> {
    const giveUpAtMs = performance.now() + readyTimeoutMs;
    for (;;) {
      const found = (await metadataOf(producer)).topics.find(({ name }) => name === topic);
      if (
        found &&
        found.partitions.length >= partitions &&
        found.partitions.every(({ leader }) => leader >= 0)
      )
        return;
      if (performance.now() > giveUpAtMs) {
        throw new BackendUnavailableError(
          `topic "${topic}" was created, but has no leaders after ${readyTimeoutMs} ms`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, readyPollMs));
    }
  }

  function listTopics(): Promise<readonly TopicDescription[]> {
    return withClient(async (producer) =>
      (await metadataOf(producer)).topics
        .filter(({ name }) => !isInternalTopic(name))
        .map(({ name, partitions }) => ({ topic: name, partitions: partitions.length }))
        .sort((one, other) => (one.topic < other.topic ? -1 : 1)),
    );
  }

  function offsets({ topic, groupId }: { readonly topic: string; readonly groupId: string }) {
    return groupClients.use(groupId, (consumer) => readOffsets(consumer, { topic, groupId }));
  }

  async function withClient<T>(run: (producer: Producer) => Promise<T>): Promise<T> {
    const producer = new client.Producer(connectionConfig(options));
    await connectClient(producer, options, {
      timeoutMs: requestTimeoutMs,
      serveEvents: () => producer.poll(),
    });
    try {
      return await run(producer);
    } finally {
      await new Promise<void>((resolve) => {
        producer.disconnect(0, () => resolve());
      });
    }
  }

  return { createTopic, addPartitions, listTopics, offsets, close: groupClients.close };
}

function metadataOf(producer: Producer): Promise<Metadata> {
  return new Promise((resolve, reject) => {
    producer.getMetadata({ allTopics: true, timeout: requestTimeoutMs }, (error, metadata) => {
      if (error) reject(toPusherError(error));
      else resolve(metadata);
    });
  });
}
