import { createTestTopic, readTopic, startKafka } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const kafka = await startKafka({ isolated: true });
afterAll(() => kafka.stop());

test('what is acknowledged after a record with an unknown outcome is in the topic', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 1 });
  const backend = createKafkajsBackend({ ...kafka.settings, deliveryTimeoutMs: 2_000 });
  const acknowledged: string[] = [];
  let count = 0;

  async function publish(timeoutMs = 20_000): Promise<string | undefined> {
    const value = `record ${++count}`;
    const record = { topic, key: 'device-1', value: Buffer.from(value) };
    const [outcome] = await backend.publish([record], { timeoutMs });
    if (outcome?.ok) acknowledged.push(value);
    return outcome?.ok ? 'ok' : outcome?.error.code;
  }

  try {
    expect(await publish()).toBe('ok');
    kafka.freeze();
    let next: Promise<string | undefined>;
    try {
      // A signal takes effect a moment later, so the first may still pass. The brokers have the bytes of the one that
      // timed out and will write them; a producer that takes its sequence numbers back would use them again.
      await expect.poll(() => publish(), { timeout: 20_000 }).toBe('PUBLISH_TIMED_OUT');
      next = publish();
      // Until a request of the same producer would have timed out and made room for the next record.
      expect(await publish(700)).toBe('PUBLISH_TIMED_OUT');
    } finally {
      kafka.thaw();
    }
    await next;
    await expect.poll(() => publish(), { timeout: 20_000 }).toBe('ok');
  } finally {
    await backend.close({ timeoutMs: 5_000 });
  }
  const written = (await readTopic(kafka.settings, topic)).map(({ value }) => String(value));
  expect(written).toEqual(expect.arrayContaining(acknowledged));
});
