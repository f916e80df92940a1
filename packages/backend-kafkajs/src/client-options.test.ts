import { ConfigurationError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createKafkajsBackend } from './index.js';

const brokers = ['localhost:9092'];

test.each([
  [{ brokers: ['localhost'] }, /^brokers\[0\]: "localhost" is not host:port/],
  [
    { brokers, compression: 'snappy' },
    /^compression: "snappy" is not built into kafkajs.*none, gzip, zstd.*backend-rdkafka/,
  ],
  [{ brokers, compression: 'lz4' }, /^compression: "lz4" is not built into kafkajs/],
  [{ brokers, deliveryTimeoutMs: 0 }, /^deliveryTimeoutMs: 0 is not a whole number of milliseconds/],
  [{ brokers, maxQueuedBytes: Number.NaN }, /^maxQueuedBytes: NaN is not a whole number/],
  [{ brokers, maxWaitingBytes: -1 }, /^maxWaitingBytes: -1 is not a whole number/],
] as const)('options %j are rejected with the reason and an example', (options, message) => {
  const create = () => createKafkajsBackend(options);
  expect(create).toThrow(ConfigurationError);
  expect(create).toThrow(message);
});

test.each(['none', 'gzip', 'zstd'] as const)('compression %s is taken', async (compression) => {
  const backend = createKafkajsBackend({ brokers, compression });
  expect(backend.name).toBe('kafkajs');
  await backend.close({ timeoutMs: 1_000 });
});

test('a static member is refused, since kafkajs has none', async () => {
  const backend = createKafkajsBackend({ brokers });
  const subscribing = backend.subscribe({
    topics: ['commands'],
    groupId: 'group',
    instanceId: 'connector-1',
    from: 'end',
    onRecords: async () => {},
  });
  await expect(subscribing).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(/^instanceId: "connector-1" .* kafkajs .* rdkafka$/),
  });
  await backend.close({ timeoutMs: 1_000 });
});
