import { createTestTopic, startKafka } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const kafka = await startKafka({ isolated: true });
afterAll(() => kafka.stop());

test('a subscription goes on after the brokers were killed and started again', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 2 });
  const backend = createKafkajsBackend(kafka.settings);
  const seen: string[] = [];
  const publish = async (value: string) => {
    const [outcome] = await backend.publish([{ topic, key: value, value: Buffer.from(value) }], {
      timeoutMs: 60_000,
    });
    expect(outcome?.ok).toBe(true);
  };
  try {
    const subscription = await backend.subscribe({
      topics: [topic],
      groupId: topic,
      from: 'beginning',
      onRecords: async (records) => {
        seen.push(...records.map(({ value }) => String(value)));
      },
    });
    await publish('before');
    await expect.poll(() => seen, { timeout: 20_000 }).toContain('before');
    await kafka.kill();
    await kafka.start();
    await publish('after');
    await expect.poll(() => seen, { timeout: 60_000 }).toContain('after');
    await subscription.close({ timeoutMs: 5_000 });
    await subscription.closed;
  } finally {
    await backend.close({ timeoutMs: 5_000 });
  }
}, 180_000);
