import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
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
    await producer.send({ topic, messages: records.map(toMessage) });
  } finally {
    await producer.disconnect();
  }
}

/**
 * Writes records in order as one transaction. Resolves when its marker follows them in each partition; an open transaction has none, and ends
 * after a minute.
 */
export async function writeTransaction(
  settings: KafkaOptions,
  topic: string,
  records: readonly WrittenRecord[],
  outcome: 'committed' | 'aborted' | 'open' = 'committed',
): Promise<void> {
  const kafka = kafkajsClient(settings);
  const admin = kafka.admin();
  const producer = kafka.producer({ idempotent: true, transactionalId: randomUUID() });
  const endOf = async (partition: number) =>
    Number((await admin.fetchTopicOffsets(topic)).find((each) => each.partition === partition)?.high);
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    const ends = new Map<number, number>();
    for (const { partition } of records) {
      // The marker takes an offset too.
      const end = ends.get(partition) ?? (await endOf(partition)) + 1;
      ends.set(partition, end + 1);
    }
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: records.map(toMessage) });
    if (outcome === 'open') return;
    await (outcome === 'committed' ? transaction.commit() : transaction.abort());
    // The coordinator writes markers after its answer.
    for (const [partition, end] of ends) while ((await endOf(partition)) < end) await pause(50);
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

function toMessage({ key, timestampMs, headers, ...record }: WrittenRecord) {
  return {
    ...record,
    key: key ?? null,
    ...(timestampMs !== undefined && { timestamp: String(timestampMs) }),
    ...(headers && { headers: toKafkajsHeaders(headers) }),
  };
}
