import { randomUUID } from 'node:crypto';
import type { KafkaOptions } from '@preservarium/backend';
import { createTopic } from './create-topic.js';

export interface CreateTestTopicOptions {
  readonly partitions: number;
  /** Default: that of the brokers. */
  readonly replicationFactor?: number;
  /** Kafka's topic settings, for example `{ 'max.message.bytes': '1000' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Makes a topic with a random name, and resolves with the name once it can be used. */
export async function createTestTopic(
  settings: KafkaOptions,
  options: CreateTestTopicOptions,
): Promise<string> {
  const topic = `test-${randomUUID()}`;
  await createTopic(settings, { topic, ...options });
  return topic;
}
