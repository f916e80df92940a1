import type { KafkaOptions } from '@preservarium/backend';
import { kafkajsClient } from './kafkajs-client.js';

/** Returns the index of the broker that leads each partition of a topic, as the first broker of the settings that answers says. */
export async function leadersOf(settings: KafkaOptions, topic: string): Promise<readonly number[]> {
  const admin = kafkajsClient(settings, { retry: { retries: 3 } }).admin();
  try {
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions ?? [];
    // The ids of nodes begin at 1.
    return partitions.toSorted((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader - 1);
  } finally {
    await admin.disconnect();
  }
}
