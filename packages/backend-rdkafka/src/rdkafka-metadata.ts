import type { Client, KafkaClientEvents, Metadata } from 'node-rdkafka';
import { request } from './rdkafka-request.js';

/** The partitions of a topic; none where it does not exist, or where we may not see it. */
export async function partitionsOf(
  client: Client<KafkaClientEvents>,
  topic: string,
  timeoutMs: number,
): Promise<number[]> {
  const { topics } = await request<Metadata>((done) => {
    client.getMetadata({ topic, allTopics: false, timeout: timeoutMs }, done);
  });
  return topics.find(({ name }) => name === topic)?.partitions.map(({ id }) => id) ?? [];
}
