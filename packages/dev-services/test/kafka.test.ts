import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestTopic, type KafkaCluster, readTopic, startKafka, writeTopic } from '../src/index.js';

let kafka: KafkaCluster;
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka.stop());

test('gives back what was written, by partition and offset', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 2 });
  await writeTopic(kafka.settings, topic, [
    { partition: 1, key: 'lamp-7', value: Buffer.from('first') },
    { partition: 0, key: 'lamp-8', value: Buffer.from([0xff, 0x00]) },
    { partition: 1, value: null },
  ]);
  expect(await readTopic(kafka.settings, topic)).toMatchObject([
    { topic, partition: 0, offset: 0, key: Buffer.from('lamp-8'), value: Buffer.from([0xff, 0x00]) },
    { topic, partition: 1, offset: 0, key: Buffer.from('lamp-7'), value: Buffer.from('first') },
    { topic, partition: 1, offset: 1, key: null, value: null },
  ]);
});

test('reads an empty topic as nothing', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 3 });
  expect(await readTopic(kafka.settings, topic)).toEqual([]);
});

test('makes topics with the settings given', async () => {
  const config = { 'max.message.bytes': '1000' };
  const topic = await createTestTopic(kafka.settings, { partitions: 1, config });
  const tooLarge = writeTopic(kafka.settings, topic, [{ partition: 0, value: Buffer.alloc(2000, 'x') }]);
  await expect(tooLarge).rejects.toThrow(/larger than the max message size/);
});

test('does not make a topic by naming it', async () => {
  await expect(readTopic(kafka.settings, 'nobody-made-this')).rejects.toThrow(/does not host this topic/);
});
