import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { validateOptions } from './client-options.js';
import { connectionConfig, consumerConfig, producerConfig } from './rdkafka-config.js';
import { type ClientModule, loadClient } from './rdkafka-module.js';

const everything = {
  features: ['gzip', 'snappy', 'lz4', 'zstd', 'ssl', 'sasl_plain', 'sasl_scram', 'sasl_oauthbearer'],
};
const brokers = ['localhost:9092'];

describe('loadClient', () => {
  const prebuilt = `@preservarium/rdkafka-${process.platform}-${process.arch}`;
  const client = { features: ['ssl'] } as unknown as ClientModule;

  /** Loads what is given, and fails with its error if it is one. */
  const requireFrom = (modules: Readonly<Record<string, ClientModule | Error>>) => (name: string) => {
    const found =
      modules[name] ?? errorWith('MODULE_NOT_FOUND', `Cannot find module '${name}'\nRequire stack: …`);
    if (found instanceof Error) throw found;
    return found;
  };
  const errorWith = (code: string | undefined, message: string) =>
    Object.assign(new Error(message), { code });

  test('the client that is installed beside the package comes before the compiled one', () => {
    const other = { ...client };
    expect(loadClient(requireFrom({ 'node-rdkafka': client, [prebuilt]: other }))).toBe(client);
  });

  test('without one beside the package, the one that was compiled for this platform', () => {
    expect(loadClient(requireFrom({ [prebuilt]: client }))).toBe(client);
  });

  test.each([
    ['is not installed', undefined, `Cannot find module '${prebuilt}'): run`],
    [
      'has no binary for this Node',
      errorWith('MODULE_NOT_FOUND', "Cannot find module './node-v999.node'"),
      "Cannot find module './node-v999.node'): run",
    ],
    [
      'does not fit the system',
      errorWith('ERR_DLOPEN_FAILED', "version `GLIBC_2.34' not found"),
      "version `GLIBC_2.34' not found): run",
    ],
  ])('a compiled client that %s: why, and the command that compiles one', (_, found, reason) => {
    const load = () => loadClient(requireFrom(found === undefined ? {} : { [prebuilt]: found }));
    expect(load).toThrow(
      expect.objectContaining({
        code: 'CLIENT_NOT_INSTALLED',
        message: expect.stringContaining(reason),
        cause: expect.any(Error),
      }),
    );
    expect(load).toThrow('npm install node-rdkafka@^3.6.1');
  });

  test.each(['ERR_DLOPEN_FAILED', undefined])(
    'a client beside the package that does not load (%s): the command that rebuilds it',
    (code) => {
      const broken = errorWith(code, 'cannot load');
      expect(() => loadClient(requireFrom({ 'node-rdkafka': broken, [prebuilt]: client }))).toThrow(
        expect.objectContaining({
          code: 'CLIENT_NOT_INSTALLED',
          message: expect.stringContaining('npm rebuild node-rdkafka'),
          cause: broken,
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
    expect(producerConfig({ brokers, deliveryTimeoutMs: 5000 }, 'failures').topic).toEqual({
      'request.required.acks': -1,
      'message.timeout.ms': 5000,
      'request.timeout.ms': 2500,
      partitioner: 'murmur2_random',
    });
    const { topic } = producerConfig({ brokers, partitioner: 'crc32' }, 'all');
    expect(topic.partitioner).toBe('consistent_random');
  });

  test('all records are reported, or failures alone with their value', () => {
    expect(producerConfig({ brokers }, 'failures').global).toMatchObject({
      'delivery.report.only.error': true,
      dr_msg_cb: true,
    });
    const all = producerConfig({ brokers }, 'all').global;
    expect(all).toMatchObject({ dr_cb: true });
    expect(all).not.toHaveProperty('delivery.report.only.error');
  });

  test('a consumer commits nothing by itself', () => {
    expect(consumerConfig({ brokers }, 'group')).toMatchObject({
      global: { 'group.id': 'group', 'enable.auto.commit': false, 'enable.auto.offset.store': false },
      topic: { 'auto.offset.reset': 'earliest' },
    });
  });
});
