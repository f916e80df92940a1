import type { TopicPartition } from '@preservarium/backend';
import type { KafkaConsumer, TopicPartitionOffset } from 'node-rdkafka';
import { request } from './rdkafka-request.js';

const requestTimeoutMs = 10_000;

/**
 * Returns the committed offset of each partition, or its end as it is now: by itself the client would look the end up only some time
 * after this member has joined.
 */
export async function startingAtEnd(
  consumer: KafkaConsumer,
  partitions: TopicPartition[],
): Promise<TopicPartitionOffset[]> {
  const committed = await request<TopicPartitionOffset[]>((done) => {
    consumer.committed(partitions, requestTimeoutMs, done);
  });
  return Promise.all(
    committed.map(async ({ topic, partition, offset }) => {
      if (offset >= 0) return { topic, partition, offset };
      const { highOffset } = await request<{ highOffset: number }>((done) => {
        consumer.queryWatermarkOffsets(topic, partition, requestTimeoutMs, done);
      });
      return { topic, partition, offset: highOffset };
    }),
  );
}
