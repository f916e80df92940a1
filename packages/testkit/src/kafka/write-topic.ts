import type { KafkaSettings } from '@preservarium/publisher';
import { kafkajsClient } from './kafkajs-client.js';

export interface WrittenRecord {
  readonly partition: number;
  readonly key?: string;
  /** Any bytes, or the missing value of a tombstone. */
  readonly value: Buffer | null;
}

/** Writes records in order and resolves when they are in the topic; without any backend of this project. */
export async function writeTopic(
  settings: KafkaSettings,
  topic: string,
  records: readonly WrittenRecord[],
): Promise<void> {
  const producer = kafkajsClient(settings).producer({ idempotent: true });
  try {
    await producer.connect();
    await producer.send({
      topic,
      messages: records.map(({ key = null, ...record }) => ({ ...record, key })),
    });
  } finally {
    await producer.disconnect();
  }
}
