import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaOptions } from '@preservarium/backend';
import { createTopic } from './create-topic.js';
import { kafkajsClient } from './kafkajs-client.js';

const retryMs = 100;

/** Deletes a topic and creates it again with one partition; resolves once it can be used. */
export async function recreateTopic(settings: KafkaOptions, topic: string): Promise<void> {
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    // The brokers delete it a little later.
    while ((await admin.listTopics()).includes(topic)) await delay(retryMs);
  } finally {
    await admin.disconnect();
  }
  await createTopic(settings, { topic, partitions: 1 });
}
