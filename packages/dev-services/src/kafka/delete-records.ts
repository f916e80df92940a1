import type { KafkaOptions } from '@preservarium/backend';
import { kafkajsClient } from './kafkajs-client.js';

/** Deletes what a partition has below `beforeOffset`, as Kafka itself does when records get too old. */
export async function deleteRecords(
  settings: KafkaOptions,
  topic: string,
  partitions: readonly { readonly partition: number; readonly beforeOffset: number }[],
): Promise<void> {
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    // kafkajs asks for the leaders of a topic that it has not looked up.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({
      topic,
      partitions: partitions.map(({ partition, beforeOffset }) => ({
        partition,
        offset: String(beforeOffset),
      })),
    });
  } finally {
    await admin.disconnect();
  }
}
