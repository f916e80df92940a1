import { ConfigurationError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createKafkajsBackend } from './index.js';

const brokers = ['localhost:9092'];

test.each([
  [{ brokers: [] }, /^brokers: the list is empty.*\['localhost:9092'\]/],
  [{ brokers: ['localhost'] }, /^brokers: "localhost" is not host:port.*\['localhost:9092'\]/],
  [{ brokers: ['a:1', 'b:x'] }, /^brokers: "b:x" is not host:port/],
  [{ brokers, compression: 'snappy' }, /^compression: kafkajs has no "snappy".*"gzip".*backend-rdkafka/],
  [{ brokers, compression: 'lz4' }, /^compression: kafkajs has no "lz4"/],
  [{ brokers, compression: 'zstd' }, /^compression: kafkajs has no "zstd"/],
  [{ brokers, deliveryTimeoutMs: 0 }, /^deliveryTimeoutMs: 0 is not a positive number; for example 30000/],
  [{ brokers, maxQueuedBytes: Number.NaN }, /^maxQueuedBytes: NaN is not a positive number/],
  [{ brokers, maxWaitingBytes: -1 }, /^maxWaitingBytes: -1 is not 0 or more/],
] as const)('settings %j are refused with what is wrong and an example', (settings, message) => {
  const create = () => createKafkajsBackend(settings);
  expect(create).toThrow(ConfigurationError);
  expect(create).toThrow(message);
});

test.each(['none', 'gzip'] as const)('compression %s is taken', async (compression) => {
  const backend = createKafkajsBackend({ brokers, compression });
  expect(backend.name).toBe('kafkajs');
  await backend.close({ timeoutMs: 1_000 });
});
