import type { KafkaSettings, NewTopic } from '@preservarium/publisher';
import { kafkajsClient } from './kafkajs-client.js';

/** Resolves once the topic can be used. What is not given is as the brokers have it by default. */
export async function createTopic(settings: KafkaSettings, newTopic: NewTopic): Promise<void> {
  const { topic, partitions = -1, replicationFactor = -1, config = {} } = newTopic;
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor, configEntries }],
      waitForLeaders: true,
    });
  } finally {
    await admin.disconnect();
  }
}
