import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaOptions, NewTopic } from '@preservarium/backend';
import { createTopic } from './create-topic.js';
import { kafkajsClient } from './kafkajs-client.js';

const deletedWithinMs = 30_000;
const pollMs = 50;

/** Deletes a topic and creates it anew; what groups committed of it stays. */
export async function recreateTopic(settings: KafkaOptions, topic: NewTopic): Promise<void> {
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    await admin.deleteTopics({ topics: [topic.topic] });
    const deadline = AbortSignal.timeout(deletedWithinMs);
    while ((await admin.listTopics()).includes(topic.topic)) {
      deadline.throwIfAborted();
      await delay(pollMs);
    }
  } finally {
    await admin.disconnect();
  }
  await createTopic(settings, topic);
}
