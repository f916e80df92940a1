import type { KafkaOptions } from '@preservarium/backend';
import type { WrittenRecord } from '@preservarium/conformance';
import { kafkajsClient } from './kafkajs-client.js';
import { toKafkajsHeaders } from './kafkajs-headers.js';

/** Writes records in order and resolves when they are in the topic; without any backend of this project. */
export async function writeTopic(
  settings: KafkaOptions,
  topic: string,
  records: readonly WrittenRecord[],
): Promise<void> {
  const producer = kafkajsClient(settings).producer({ idempotent: true });
  try {
    await producer.connect();
    await producer.send({
      topic,
      messages: records.map(({ key = null, timestampMs, headers, ...record }) => ({
        ...record,
        key,
        ...(timestampMs !== undefined && { timestamp: String(timestampMs) }),
        ...(headers && { headers: toKafkajsHeaders(headers) }),
      })),
    });
  } finally {
    await producer.disconnect();
  }
}
