import { randomUUID } from 'node:crypto';
import type { KafkaSettings } from '@preservarium/publisher';
import { kafkajsClient } from './kafkajs-client.js';

export interface CreateTestTopicOptions {
  readonly partitions: number;
  /** Kafka's topic settings, for example `{ 'max.message.bytes': '1000' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Makes a topic with a random name and the brokers' default replication, and resolves with the name once it can be used. */
export async function createTestTopic(
  settings: KafkaSettings,
  { partitions, config = {} }: CreateTestTopicOptions,
): Promise<string> {
  const topic = `test-${randomUUID()}`;
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, configEntries }],
      waitForLeaders: true,
    });
  } finally {
    await admin.disconnect();
  }
  return topic;
}
