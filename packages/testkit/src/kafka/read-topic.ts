import { randomUUID } from 'node:crypto';
import { BackendUnavailableError } from '@preservarium/core';
import type { ConsumedRecord, KafkaSettings } from '@preservarium/publisher';
import type { Consumer, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { kafkajsClient } from './kafkajs-client.js';

/**
 * Everything that is in a topic now, by partition and there by offset, read without any backend of this project. Rejects
 * with `BACKEND_UNAVAILABLE` when it was not read to its end in time.
 */
export async function readTopic(
  settings: KafkaSettings,
  topic: string,
  { timeoutMs = 60_000 }: { readonly timeoutMs?: number } = {},
): Promise<ConsumedRecord[]> {
  const kafka = kafkajsClient(settings);
  const unread = await endOffsets(kafka, topic);
  if (unread.size === 0) return [];
  const consumer = kafka.consumer({ groupId: `read-topic-${randomUUID()}`, maxWaitTimeInMs: 100 });
  try {
    const records = await readUntil(consumer, topic, unread, timeoutMs);
    return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  } finally {
    await consumer.disconnect();
  }
}

/** For each partition that is not empty, the offset that its next record will have. */
async function endOffsets(kafka: Kafka, topic: string): Promise<Map<number, number>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets
        .filter(({ low, high }) => Number(high) > Number(low))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}

async function readUntil(
  consumer: Consumer,
  topic: string,
  unread: Map<number, number>,
  timeoutMs: number,
): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new BackendUnavailableError(
          `${topic} was not read to its end within ${timeoutMs} ms: ${records.length} records so far`,
        ),
      );
    }, timeoutMs);
    const settle = (end: () => void) => {
      clearTimeout(timer);
      end();
    };
    // A crash that kafkajs restarts from by itself is no end: a new cluster's coordinator takes its time to load.
    consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart) settle(() => reject(payload.error));
    });
    const run = consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const end = unread.get(batch.partition);
        if (end === undefined) return;
        for (const message of batch.messages) {
          if (Number(message.offset) < end) records.push(recordOf(topic, batch.partition, message));
        }
        if (Number(batch.lastOffset()) >= end - 1) unread.delete(batch.partition);
        if (unread.size === 0) settle(() => resolve(records));
      },
    });
    run.catch((error: unknown) => settle(() => reject(error)));
  });
}

function recordOf(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: textHeaders(message.headers ?? {}),
  };
}

function textHeaders(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().map(String).join(',')]],
    ),
  );
}
