import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { validateOptions } from './client-options.js';
import { connectionConfig, consumerConfig, producerConfig } from './rdkafka-config.js';
import { loadClient } from './rdkafka-module.js';

const everything = {
  features: ['gzip', 'snappy', 'lz4', 'zstd', 'ssl', 'sasl_plain', 'sasl_scram', 'sasl_oauthbearer'],
};
const brokers = ['localhost:9092'];

describe('loadClient', () => {
  const failing = (code?: string) => () => {
    throw Object.assign(new Error('cannot load'), { code });
  };

  test('a client that is not there: the command that installs it', () => {
    expect(() => loadClient(failing('MODULE_NOT_FOUND'))).toThrow(
      expect.objectContaining({
        code: 'CLIENT_NOT_INSTALLED',
        message: expect.stringContaining('npm install node-rdkafka@^3.6.1'),
      }),
    );
  });

  test.each(['ERR_DLOPEN_FAILED', undefined])(
    'a client that does not load (%s): the command that rebuilds it',
    (code) => {
      expect(() => loadClient(failing(code))).toThrow(
        expect.objectContaining({
          code: 'CLIENT_NOT_INSTALLED',
          message: expect.stringContaining('npm rebuild node-rdkafka'),
          cause: expect.any(Error),
        }),
      );
    },
  );
});

describe('validateOptions', () => {
  const sasl = { username: 'u', password: 'p' };

  test.each([
    ['an invalid option of every backend', everything, { brokers: [] }, 'brokers: [] is not'],
    [
      'an unknown kind of receipts',
      everything,
      { brokers, receipts: 'none' as 'offsets' },
      'receipts: "none" is not one of acknowledged, offsets',
    ],
    ['zstd without libzstd', { features: ['lz4'] }, { brokers, compression: 'zstd' }, 'libzstd-dev'],
    ['gzip without zlib', { features: ['lz4'] }, { brokers, compression: 'gzip' }, 'zlib1g-dev'],
    ['TLS without OpenSSL', { features: [] }, { brokers, tls: true }, 'libssl-dev'],
    [
      'SCRAM without OpenSSL',
      { features: [] },
      { brokers, sasl: { ...sasl, mechanism: 'scram-sha-512' } },
      'libssl-dev',
    ],
  ] as const)('%s is CONFIGURATION_INVALID', (_, client, options, text) => {
    expect(() => validateOptions({ features: [...client.features] }, options)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining(text) }),
    );
  });

  test('what the client can do passes', () => {
    validateOptions(everything, {
      brokers,
      compression: 'zstd',
      tls: true,
      sasl: { ...sasl, mechanism: 'plain' },
    });
  });
});

describe('the configuration of librdkafka', () => {
  test('TLS with PEM texts, and a user', () => {
    const [ca = ''] = rootCertificates;
    expect(
      connectionConfig({
        brokers: ['one:1', 'two:2'],
        tls: { ca },
        sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' },
      }),
    ).toMatchObject({
      'metadata.broker.list': 'one:1,two:2',
      'security.protocol': 'sasl_ssl',
      'ssl.ca.pem': ca,
      'sasl.mechanisms': 'SCRAM-SHA-256',
      'sasl.username': 'u',
      'sasl.password': 'p',
    });
  });

  test('what bounds and places a record stands in the topic configuration, where it holds', () => {
    expect(producerConfig({ brokers, deliveryTimeoutMs: 5000 }).topic).toEqual({
      'request.required.acks': -1,
      'message.timeout.ms': 5000,
      'request.timeout.ms': 2500,
      partitioner: 'murmur2_random',
    });
    expect(producerConfig({ brokers, partitioner: 'crc32' }).topic.partitioner).toBe('consistent_random');
  });

  test('receipts with offsets need every report; else failures are reported, with their value', () => {
    expect(producerConfig({ brokers }).global).toMatchObject({
      'delivery.report.only.error': true,
      dr_msg_cb: true,
    });
    const offsets = producerConfig({ brokers, receipts: 'offsets' }).global;
    expect(offsets).toMatchObject({ dr_cb: true });
    expect(offsets).not.toHaveProperty('delivery.report.only.error');
  });

  test('a consumer commits nothing by itself', () => {
    expect(consumerConfig({ brokers }, 'group')).toMatchObject({
      global: { 'group.id': 'group', 'enable.auto.commit': false, 'enable.auto.offset.store': false },
      topic: { 'auto.offset.reset': 'earliest' },
    });
  });
});
