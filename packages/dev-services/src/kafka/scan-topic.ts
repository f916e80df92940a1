import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConsumedRecord, KafkaOptions } from '@preservarium/backend';
import { BackendUnavailableError } from '@preservarium/core';
import type { Admin, Consumer, Kafka, KafkaMessage } from 'kafkajs';
import { kafkajsClient } from './kafkajs-client.js';
import { fromKafkajsHeaders } from './kafkajs-headers.js';

/**
 * Calls `onRecord` with everything that is in a topic now, those of one partition by offset, read without any backend of this
 * project. Rejects with `BACKEND_UNAVAILABLE` when it was not read to its end in time (default 60,000 ms).
 */
export async function scanTopic(
  settings: KafkaOptions,
  topic: string,
  onRecord: (record: ConsumedRecord) => void,
  { timeoutMs = 60_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    const error = new BackendUnavailableError(`${topic} was not read to its end within ${timeoutMs} ms`);
    signal.addEventListener('abort', () => reject(error), { once: true });
  });
  await Promise.race([scanToEnd(kafkajsClient(settings), topic, onRecord, signal), late]);
}

async function scanToEnd(
  kafka: Kafka,
  topic: string,
  onRecord: (record: ConsumedRecord) => void,
  signal: AbortSignal,
): Promise<void> {
  const unread = await endOffsets(kafka, topic, signal);
  if (unread.size === 0) return;
  const consumer = kafka.consumer({ groupId: `scan-topic-${randomUUID()}`, maxWaitTimeInMs: 100 });
  try {
    await scanUntil(consumer, topic, unread, onRecord, signal);
  } finally {
    await consumer.disconnect();
  }
}

/** For each partition that is not empty, the offset that its next record will have. */
async function endOffsets(kafka: Kafka, topic: string, signal: AbortSignal): Promise<Map<number, number>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const offsets = await fetchOffsets(admin, topic, signal);
    return new Map(
      offsets
        .filter(({ low, high }) => Number(high) > Number(low))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}

/** A partition may be choosing its leader, which kafkajs reports at once: it is asked again until the deadline. */
async function fetchOffsets(admin: Admin, topic: string, signal: AbortSignal) {
  for (;;) {
    try {
      return await admin.fetchTopicOffsets(topic);
    } catch (error) {
      const passes = error instanceof Error && 'retriable' in error && error.retriable === true;
      if (!passes || signal.aborted) throw error;
      await pause(100);
    }
  }
}

async function scanUntil(
  consumer: Consumer,
  topic: string,
  unread: Map<number, number>,
  onRecord: (record: ConsumedRecord) => void,
  signal: AbortSignal,
): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    // A crash that kafkajs restarts from by itself is no end: a new cluster's coordinator takes its time to load.
    consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart) reject(payload.error);
    });
    const run = consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const end = unread.get(batch.partition);
        if (end === undefined) return;
        for (const message of batch.messages) {
          if (Number(message.offset) < end) onRecord(recordOf(topic, batch.partition, message));
        }
        if (Number(batch.lastOffset()) >= end - 1) unread.delete(batch.partition);
        if (unread.size === 0) resolve();
      },
    });
    run.catch(reject);
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
    headers: fromKafkajsHeaders(message.headers),
  };
}
