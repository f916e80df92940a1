import { randomUUID } from 'node:crypto';
import type { PublishRecord } from '@preservarium/backend';
import { createTestTopic, readTopic, startKafka } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());
const timeoutMs = 30_000;

test.each(['acknowledged', 'offsets'] as const)(
  'of thousands of records, those that fail are the ones that are not in the topic (%s)',
  async (receipts) => {
    const topic = await createTestTopic(kafka.settings, { partitions: 3 });
    const unknown = `no-such-topic-${randomUUID()}`;
    const records = Array.from({ length: 6000 }, (_, index): PublishRecord => {
      const key = `device-${index % 50}`;
      if (index % 1000 === 7) return { topic, key, value: Buffer.alloc(1_200_000, `${index} `) };
      return { topic: index % 100 === 3 ? unknown : topic, key, value: Buffer.from(`${index} `.padEnd(300)) };
    });
    const backend = createRdkafkaBackend({ ...kafka.settings, receipts });
    try {
      const outcomes = await backend.publish(records, { timeoutMs });
      expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual(
        records.map((record) => {
          if (record.topic === unknown) return 'TOPIC_UNKNOWN';
          return record.value.length > 1_000_000 ? 'MESSAGE_TOO_LARGE' : 'ok';
        }),
      );
      const written = (await readTopic(kafka.settings, topic)).map(({ value }) => String(value));
      const acknowledged = records.filter((_, index) => outcomes[index]?.ok);
      expect(written.sort()).toEqual(acknowledged.map(({ value }) => String(value)).sort());
    } finally {
      await backend.close({ timeoutMs });
    }
  },
);

test('a topic that takes less than a batch gets every record, in order', async () => {
  const topic = await createTestTopic(kafka.settings, {
    partitions: 1,
    config: { 'max.message.bytes': '50000' },
  });
  const backend = createRdkafkaBackend(kafka.settings);
  const group = (start: number) =>
    Array.from({ length: 1000 }, (_, index) => ({
      topic,
      key: `device-${start + index}`,
      value: Buffer.from(`${start + index} `.padEnd(300)),
    }));
  try {
    for (const start of [0, 1000]) {
      const outcomes = await backend.publish(group(start), { timeoutMs });
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    }
    const written = (await readTopic(kafka.settings, topic)).map(({ value }) =>
      Number.parseInt(`${value}`, 10),
    );
    expect([...written].sort((one, other) => one - other)).toEqual(
      Array.from({ length: 2000 }, (_, number) => number),
    );
    // From the first refusal on, batches are small enough.
    expect(written.slice(1000)).toEqual(Array.from({ length: 1000 }, (_, index) => 1000 + index));
  } finally {
    await backend.close({ timeoutMs });
  }
});

test('a topic that is made after it was found missing can be published to', async () => {
  const topic = `late-${randomUUID()}`;
  const backend = createRdkafkaBackend(kafka.settings);
  const publish = async () => {
    const [outcome] = await backend.publish([{ topic, key: 'device-1', value: Buffer.from('{}') }], {
      timeoutMs,
    });
    return outcome?.ok ? 'ok' : outcome?.error.code;
  };
  try {
    expect(await publish()).toBe('TOPIC_UNKNOWN');
    await backend.createTopic({ topic, partitions: 1 });
    expect(await publish()).toBe('ok');
  } finally {
    await backend.close({ timeoutMs });
  }
});
