import { createTestTopic, readTopic, startKafka } from '@preservarium/testkit';
import { afterAll, expect, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const kafka = await startKafka({ isolated: true });
afterAll(() => kafka.stop());

test('after a record with an unknown outcome, the next ones are not taken for its repetition', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 1 });
  const backend = createKafkajsBackend({ ...kafka.settings, deliveryTimeoutMs: 1_500 });
  const acknowledged: string[] = [];
  let count = 0;

  async function publish(): Promise<string | undefined> {
    const value = `record ${++count}`;
    const record = { topic, key: 'device-1', value: Buffer.from(value) };
    const [outcome] = await backend.publish([record], { timeoutMs: 20_000 });
    if (outcome?.ok) acknowledged.push(value);
    return outcome?.ok ? 'ok' : outcome?.error.code;
  }

  try {
    expect(await publish()).toBe('ok');
    kafka.freeze();
    try {
      // The brokers have these bytes and will write them; a producer that takes its sequence numbers back would use them again.
      expect(await publish()).toBe('PUBLISH_TIMED_OUT');
      expect(await publish()).not.toBe('ok');
    } finally {
      kafka.thaw();
    }
    await expect.poll(publish, { timeout: 20_000 }).toBe('ok');
    expect(await publish()).toBe('ok');
  } finally {
    await backend.close({ timeoutMs: 5_000 });
  }
  const written = (await readTopic(kafka.settings, topic)).map(({ value }) => String(value));
  expect(written).toEqual(expect.arrayContaining(acknowledged));
});
