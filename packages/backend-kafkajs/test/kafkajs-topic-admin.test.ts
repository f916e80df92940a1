import { createTestTopic, startKafka } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';
import { createTopicAdmin } from '../src/topic-admin.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

test('a request that fails leaves those that are in flight beside it alone', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 3 });
  const admin = createTopicAdmin(kafka.settings);
  try {
    await admin.listTopics();
    const beside = Promise.all([
      admin.committed('group of nobody', [{ topic, partition: 0 }]),
      admin.topicConfig(topic),
      admin.offsetsForTime(topic, 0),
    ]);
    await expect(admin.partitionsOf(topic, 0)).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    await expect(beside).resolves.toHaveLength(3);
    expect(await admin.partitionsOf(topic, 10_000)).toBe(3);
  } finally {
    await admin.close();
  }
});
