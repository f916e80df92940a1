import { createTestTopic, readTopic, startKafka } from '@preservarium/testkit';
import { afterAll, expect, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const kafka = await startKafka({ isolated: true });
afterAll(() => kafka.stop());

test('after a group with an unknown outcome, the next one is not taken for its repetition', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 1 });
  const backend = createKafkajsBackend({ ...kafka.settings, deliveryTimeoutMs: 1_500 });
  const publish = async (value: string) => {
    const [outcome] = await backend.publish([{ topic, key: 'device-1', value: Buffer.from(value) }], {
      timeoutMs: 20_000,
    });
    return outcome?.ok ? 'ok' : outcome?.error.code;
  };
  try {
    expect(await publish('before')).toBe('ok');
    kafka.freeze();
    // The brokers have these bytes, and write them when they go on: a producer that thinks otherwise numbers the next alike.
    expect(await publish('unknown')).toBe('PUBLISH_TIMED_OUT');
    kafka.thaw();
    await expect.poll(() => publish('after'), { timeout: 20_000 }).toBe('ok');
  } finally {
    await backend.close({ timeoutMs: 5_000 });
  }
  const values = (await readTopic(kafka.settings, topic)).map(({ value }) => String(value));
  expect(values).toContain('after');
  expect(values[0]).toBe('before');
});
