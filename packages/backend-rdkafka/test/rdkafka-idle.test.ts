import { setTimeout as elapsed } from 'node:timers/promises';
import { createTestTopic, startKafka } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

test('an idle backend, connected and subscribed, takes less than 2 % of a core', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 3 });
  const backend = createRdkafkaBackend(kafka.settings);
  try {
    await backend.publish([{ topic, key: 'device-1', value: Buffer.from('{}') }], { timeoutMs: 20_000 });
    const came = Promise.withResolvers<void>();
    await backend.subscribe({
      topics: [topic],
      groupId: topic,
      from: 'beginning',
      onRecords: async () => came.resolve(),
    });
    await came.promise;
    const windowMs = 5000;
    const before = process.cpuUsage();
    await elapsed(windowMs);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000 / windowMs).toBeLessThan(0.02);
  } finally {
    await backend.close({ timeoutMs: 10_000 });
  }
});
