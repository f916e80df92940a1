import { rootCertificates } from 'node:tls';
import type { KafkaOptions } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { validateKafkaOptions } from './validate-kafka-options.js';

const brokers = ['localhost:9092'];
const sasl = { mechanism: 'plain', username: 'u', password: 'secret' };

test.each([
  [{}, /^brokers: undefined is not a list of one or more host:port; for example \['localhost:9092'\]$/],
  [{ brokers: [] }, /^brokers: \[\] is not /],
  [{ brokers: 'localhost:9092' }, /^brokers: "localhost:9092" is not /],
  [{ brokers: ['localhost'] }, /^brokers\[0\]: "localhost" is not host:port/],
  [{ brokers: ['a:1', 'b:x'] }, /^brokers\[1\]: "b:x" is not /],
  [{ brokers: ['a:0'] }, /^brokers\[0\]/],
  [{ brokers: ['a:65536'] }, /^brokers\[0\]/],
  [{ brokers: [' '] }, /^brokers\[0\]/],
  [{ brokers: ['kafka://a:1'] }, /^brokers\[0\]/],
  [{ brokers, clientId: '' }, /^clientId: "" is not text; for example 'preservarium-pusher'$/],
  [{ brokers, clientId: 7 }, /^clientId: 7 is not /],
  [{ brokers, tls: 'yes' }, /^tls: "yes" is not /],
  [{ brokers, tls: { ca: 7 } }, /^tls\.ca: "number" is not /],
  [{ brokers, tls: { cert: 'PEM' } }, /^tls\.cert is set and tls\.key is not/],
  [{ brokers, tls: { ca: 'PEM' } }, /^tls\.ca is no certificate/],
  [{ brokers, sasl: 'plain' }, /^sasl: /],
  [
    { brokers, sasl: { ...sasl, mechanism: 'gssapi' } },
    /^sasl\.mechanism: "gssapi" is not one of plain, scram/,
  ],
  [{ brokers, sasl: { ...sasl, username: '' } }, /^sasl\.username: /],
  [{ brokers, sasl: { ...sasl, password: 1234 } }, /^sasl\.password: "number" is not /],
  [{ brokers, sasl: { mechanism: 'oauthbearer', token: 'abc' } }, /^sasl\.token: "string" is not /],
  [{ brokers, compression: 'brotli' }, /^compression: "brotli" is not one of none, gzip, snappy, lz4, zstd/],
  [{ brokers, partitioner: 'random' }, /^partitioner: "random" is not one of murmur2, crc32/],
  ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '30000', null].map((deliveryTimeoutMs) => [
    { brokers, deliveryTimeoutMs },
    /^deliveryTimeoutMs: .+ is not a whole number of milliseconds from 1 to 2147483647; for example 30000$/,
  ]),
  ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1'].map((maxQueuedBytes) => [
    { brokers, maxQueuedBytes },
    /^maxQueuedBytes: .+ is not a whole number of bytes from 1; for example 67108864$/,
  ]),
  ...[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1'].map((maxWaitingBytes) => [
    { brokers, maxWaitingBytes },
    /^maxWaitingBytes: .+ is not a whole number of bytes from 0; for example 268435456$/,
  ]),
  [{ brokers, logger: { warn() {} } }, /^logger: /],
] as [KafkaOptions, RegExp][])('%j is CONFIGURATION_INVALID', (options, message) => {
  const validate = () => validateKafkaOptions(options);
  expect(validate).toThrow(ConfigurationError);
  expect(validate).toThrow(message);
});

test('no message shows a secret', () => {
  const options = { brokers, sasl: { ...sasl, password: ['hunter2'] } } as unknown as KafkaOptions;
  expect(() => validateKafkaOptions(options)).toThrow(expect.not.stringContaining('hunter2'));
  const tls = { brokers, tls: { key: ['hunter2'], cert: 'PEM' } } as unknown as KafkaOptions;
  expect(() => validateKafkaOptions(tls)).toThrow(expect.not.stringContaining('hunter2'));
});

test.each([
  { brokers },
  { brokers: ['kafka-1.example.com:9092', '10.0.0.1:9093', '[2001:db8::1]:9092'] },
  { brokers, maxWaitingBytes: 0, maxQueuedBytes: 1, deliveryTimeoutMs: 2 ** 31 - 1 },
  { brokers, tls: { ca: rootCertificates[0] }, sasl, compression: 'zstd', partitioner: 'crc32' },
  { brokers, sasl: { mechanism: 'oauthbearer', token: async () => ({}) }, tls: true, logger: console },
  { brokers, clientId: undefined, tls: undefined, logger: undefined },
] as unknown as KafkaOptions[])('%j is accepted', (options) => {
  validateKafkaOptions(options);
});
