import type { ConsumedRecord } from '@preservarium/backend';
import { describe, expect, test } from 'vitest';
import { createMemoryBackend, createMemoryBroker } from './index.js';

const options = { timeoutMs: 1_000 };

function record(topic: string, key: string, text: string) {
  return { topic, key, value: Buffer.from(text) };
}

describe('createMemoryBackend', () => {
  test('creates a topic when it is first published to, and shows everything in it in the order of writing', async () => {
    const backend = createMemoryBackend();
    await backend.publish([record('commands', 'a', 'first'), record('commands', 'b', 'second')], options);
    await backend.publish([record('commands', 'a', 'third')], options);
    expect(await backend.listTopics()).toEqual([{ topic: 'commands', partitions: 6 }]);
    expect(backend.records('commands').map(({ key, value }) => `${key}: ${value}`)).toEqual([
      'a: first',
      'b: second',
      'a: third',
    ]);
    await backend.close(options);
    expect(backend.records('commands')).toHaveLength(3);
    expect(backend.records('never-used')).toEqual([]);
  });

  test('keeps the bytes that were published, whatever the caller does with its buffer later', async () => {
    const backend = createMemoryBackend();
    const value = Buffer.from('sent');
    await backend.publish([{ topic: 'commands', key: 'a', value }], options);
    value.fill(0);
    expect(String(backend.records('commands')[0]?.value)).toBe('sent');
  });

  test('creates no topic by itself where autoCreateTopics is false', async () => {
    const backend = createMemoryBackend({ autoCreateTopics: false });
    const [outcome] = await backend.publish([record('commands', 'a', 'lost')], options);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'TOPIC_UNKNOWN', topic: 'commands' } });
    await backend.createTopic({ topic: 'commands', partitions: 2 });
    const [next] = await backend.publish([record('commands', 'a', 'kept')], options);
    expect(next).toMatchObject({ ok: true, receipt: { topic: 'commands', offset: 0 } });
  });

  test('shares topics and groups with other backends on one broker', async () => {
    const broker = createMemoryBroker({ partitions: 1 });
    const application = createMemoryBackend({ broker });
    const connector = createMemoryBackend({ broker });
    const received = new Promise<readonly ConsumedRecord[]>((resolve) => {
      const onRecords = async (records: readonly ConsumedRecord[]) => resolve(records);
      void connector.subscribe({ topics: ['commands'], groupId: 'group', from: 'beginning', onRecords });
    });
    await application.publish([record('commands', 'a', 'hello')], options);
    expect((await received).map(({ value }) => String(value))).toEqual(['hello']);
    await application.close(options);
    expect(connector.records('commands')).toHaveLength(1);
    await connector.close(options);
  });

  test.each([
    ['the limit given', { maxMessageBytes: 10 }, {}],
    ["the topic's own limit", {}, { 'max.message.bytes': '10' }],
  ])('refuses a record larger than %s', async (_, settings, config) => {
    const backend = createMemoryBackend(settings);
    await backend.createTopic({ topic: 'commands', config });
    const outcomes = await backend.publish(
      [record('commands', 'a', '123456789'), record('commands', 'a', '1234567890')],
      options,
    );
    expect(outcomes).toMatchObject([
      { ok: true },
      { ok: false, error: { code: 'MESSAGE_TOO_LARGE', sizeBytes: 11, maxBytes: 10 } },
    ]);
  });

  test.each([
    [{ topic: 'commands' }, 'TOPIC_EXISTS'],
    [{ topic: 'other', partitions: 0 }, 'CONFIGURATION_INVALID'],
    [{ topic: 'other', replicationFactor: 3 }, 'CONFIGURATION_INVALID'],
  ])('refuses to create %o with %s', async (topic, code) => {
    const backend = createMemoryBackend();
    await backend.createTopic({ topic: 'commands' });
    await expect(backend.createTopic(topic)).rejects.toMatchObject({ code });
  });

  test('gives CLOSED for whatever is asked after close', async () => {
    const backend = createMemoryBackend();
    await backend.close(options);
    await expect(backend.createTopic({ topic: 'commands' })).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(backend.listTopics()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
