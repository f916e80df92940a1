import type { KafkaOptions, ProcessedPosition } from '@preservarium/backend';
import { kafkajsClient } from './kafkajs-client.js';

/** Commits an offset for a group without members, also one that the topic does not have. */
export async function commitOffset(
  settings: KafkaOptions,
  groupId: string,
  { topic, partition, nextOffset }: ProcessedPosition,
): Promise<void> {
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    await admin.setOffsets({ groupId, topic, partitions: [{ partition, offset: String(nextOffset) }] });
  } finally {
    await admin.disconnect();
  }
}
