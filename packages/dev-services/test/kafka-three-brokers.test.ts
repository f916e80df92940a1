import { expect, test } from 'vitest';
import { createTestTopic, readTopic, startKafka, writeTopic } from '../src/index.js';
import { kafkajsClient } from '../src/kafka/kafkajs-client.js';

test('three brokers keep three replicas, and all records through a kill', async () => {
  await using kafka = await startKafka({ brokers: 3 });
  expect(new Set(kafka.brokers).size).toBe(3);
  const topic = await createTestTopic(kafka.settings, { partitions: 3 });
  const admin = kafkajsClient(kafka.settings).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.disconnect();
  expect(topics[0]?.partitions.map(({ replicas }) => replicas.toSorted())).toEqual(Array(3).fill([1, 2, 3]));
  const records = [0, 1, 2].map((partition) => ({ partition, value: Buffer.from('kept') }));
  await writeTopic(kafka.settings, topic, records);
  await kafka.kill();
  await kafka.start();
  expect(await readTopic(kafka.settings, topic)).toHaveLength(3);
}, 240_000);
