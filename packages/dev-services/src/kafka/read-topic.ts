import type { ConsumedRecord, KafkaOptions } from '@preservarium/backend';
import { scanTopic } from './scan-topic.js';

/**
 * Everything that is in a topic now, by partition and there by offset, read without any backend of this project. Rejects
 * with `BACKEND_UNAVAILABLE` when it was not read to its end in time (default 60,000 ms).
 */
export async function readTopic(
  settings: KafkaOptions,
  topic: string,
  options: { readonly timeoutMs?: number } = {},
): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  await scanTopic(settings, topic, (record) => records.push(record), options);
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
