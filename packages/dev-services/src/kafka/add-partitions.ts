import type { KafkaOptions } from '@preservarium/backend';
import { waitUntilUsable } from './create-topic.js';
import { kafkajsClient } from './kafkajs-client.js';

/** Adds partitions to a topic, up to this number of them; resolves once every broker knows them. */
export async function addPartitions(
  settings: KafkaOptions,
  topic: string,
  partitions: number,
): Promise<void> {
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
  } finally {
    await admin.disconnect();
  }
  await waitUntilUsable(settings, topic, partitions);
}
