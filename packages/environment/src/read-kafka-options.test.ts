import { createPrivateKey } from 'node:crypto';
import { ConfigurationError } from '@preservarium/core';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import { type Environment, type ReadKafkaOptionsInput, readKafkaOptions } from './index.js';

const made = await generate([{ name: 'commonName', value: 'client' }], { algorithm: 'sha256' });
const cert = made.cert.trim();
const key = made.private.trim();

/** A file system with these files and nothing else. */
function files(contents: Readonly<Record<string, string>>) {
  return (path: string): string => {
    const content = contents[path];
    if (content !== undefined) return content;
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
  };
}

function read(environment: Environment, options: ReadKafkaOptionsInput = {}) {
  return readKafkaOptions(environment, { readFile: files({}), ...options });
}

function messageOf(environment: Environment, options: ReadKafkaOptionsInput = {}): string {
  try {
    read(environment, options);
  } catch (error) {
    if (ConfigurationError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

test('what holds where nothing is set, also where it is set to nothing', () => {
  const defaults = {
    brokers: ['localhost:9092'],
    backend: 'kafkajs',
    commandTopic: 'device_commands',
    settingsTopic: 'device_settings',
    reportedSettingsTopic: 'device_settings_reported',
    waitingTopic: 'device_commands_waiting',
    deadLetterTopic: 'device_commands_dead',
    eventTopic: 'device_command_events',
  };
  expect(read({})).toStrictEqual(defaults);
  expect(read({ KAFKA_BOOTSTRAP_SERVERS: '', KAFKA_SASL_PASSWORD_FILE: '' })).toStrictEqual(defaults);
});

test('everything that is not about security', () => {
  expect(
    read({
      KAFKA_BOOTSTRAP_SERVERS: 'kafka-1:9092, kafka-2:19092,',
      PUSHER_BACKEND: 'RDKAFKA',
      DEVICE_COMMAND_TOPIC: 'commands.v2',
      DEVICE_SETTINGS_TOPIC: 'settings-v2',
      DEVICE_WAITING_TOPIC: 'waiting-v2',
      DEVICE_DEAD_LETTER_TOPIC: 'dead-v2',
      DEVICE_EVENT_TOPIC: 'events-v2',
      KAFKA_CLIENT_ID: 'greenhouse',
      KAFKA_COMPRESSION: 'gzip',
      KAFKA_PARTITIONER: 'crc32',
    }),
  ).toStrictEqual({
    brokers: ['kafka-1:9092', 'kafka-2:19092'],
    backend: 'rdkafka',
    commandTopic: 'commands.v2',
    settingsTopic: 'settings-v2',
    reportedSettingsTopic: 'device_settings_reported',
    waitingTopic: 'waiting-v2',
    deadLetterTopic: 'dead-v2',
    eventTopic: 'events-v2',
    clientId: 'greenhouse',
    compression: 'gzip',
    partitioner: 'crc32',
  });
});

describe('where a value comes from', () => {
  const readFile = files({ '.env': 'KAFKA_BOOTSTRAP_SERVERS=env-file:1\nKAFKA_CLIENT_ID="env file"\n' });
  const environment = { KAFKA_BOOTSTRAP_SERVERS: 'environment:1' };
  const flags = { KAFKA_BOOTSTRAP_SERVERS: 'flag:1' };

  test('flags before the environment, before the file of variables', () => {
    const asked = { PUSHER_ENV_FILE: '.env' };
    expect(read(asked, { readFile })).toMatchObject({ brokers: ['env-file:1'], clientId: 'env file' });
    expect(read({ ...environment, ...asked }, { readFile }).brokers).toEqual(['environment:1']);
    expect(read({ ...environment, ...asked }, { readFile, flags }).brokers).toEqual(['flag:1']);
    expect(read({}, { readFile, flags: asked }).brokers).toEqual(['env-file:1']);
  });

  test('a .env file that nobody asks for is not read', () => {
    expect(read({}, { readFile }).brokers).toEqual(['localhost:9092']);
  });

  test('a flag that is not given leaves the environment alone', () => {
    expect(read(environment, { flags: { KAFKA_BOOTSTRAP_SERVERS: undefined } }).brokers).toEqual([
      'environment:1',
    ]);
  });

  test('a file of variables that code names', () => {
    const options = { envFile: 'staging.env', readFile: files({ 'staging.env': 'KAFKA_SSL=true' }) };
    expect(read({ PUSHER_ENV_FILE: 'other.env' }, options).tls).toBe(true);
  });

  test('an error says where the wrong value is', () => {
    const wrong = { KAFKA_BOOTSTRAP_SERVERS: 'here' };
    expect(messageOf({}, { flags: wrong })).toContain(
      'KAFKA_BOOTSTRAP_SERVERS (on the command line) is "here"',
    );
    const inFile = files({ '.env': 'KAFKA_BOOTSTRAP_SERVERS=here' });
    expect(messageOf({ PUSHER_ENV_FILE: '.env' }, { readFile: inFile })).toContain(
      'KAFKA_BOOTSTRAP_SERVERS (in .env) is "here"',
    );
  });
});

describe('the names of the command topic', () => {
  const aliases = ['DEVICE_COMMAND_TOPIC', 'KAFKA_DEVICE_COMMANDS_TOPIC', 'KAFKA_COMMAND_TOPIC'];

  test.each(aliases)('%s', (name) => {
    expect(read({ [name]: 'commands' }).commandTopic).toBe('commands');
  });

  test('all of them, where they agree', () => {
    const environment = Object.fromEntries(aliases.map((name) => [name, 'commands']));
    expect(read(environment).commandTopic).toBe('commands');
  });

  test('two that differ are an error that names both', () => {
    expect(messageOf({ KAFKA_DEVICE_COMMANDS_TOPIC: 'a', KAFKA_COMMAND_TOPIC: 'b' })).toBe(
      'KAFKA_DEVICE_COMMANDS_TOPIC and KAFKA_COMMAND_TOPIC say different things about the same setting; ' +
        'keep one, for example DEVICE_COMMAND_TOPIC=device_commands',
    );
  });

  test('an alias in the environment wins over the first name in the .env file', () => {
    const readFile = files({ '.env': 'DEVICE_COMMAND_TOPIC=old' });
    const environment = { KAFKA_COMMAND_TOPIC: 'new', PUSHER_ENV_FILE: '.env' };
    expect(read(environment, { readFile }).commandTopic).toBe('new');
  });
});

describe('wrong values', () => {
  test.each([
    [
      { KAFKA_BOOTSTRAP_SERVERS: 'kafka-1:9092,kafka-2' },
      'KAFKA_BOOTSTRAP_SERVERS is "kafka-1:9092,kafka-2": "kafka-2" is not host:port; give one or more brokers, separated by commas; for example KAFKA_BOOTSTRAP_SERVERS=kafka-1:9092,kafka-2:9092',
    ],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'PLAINTEXT://kafka:9092' }, '"PLAINTEXT://kafka:9092" is not host:port'],
    [
      { KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092,SASL_SSL://user:hunter2@kafka:9092' },
      'KAFKA_BOOTSTRAP_SERVERS is "kafka:9092,SASL_SSL://***@kafka:9092": "SASL_SSL://***@kafka:9092" is not host:port',
    ],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'kafka:0' }, '"kafka:0" is not host:port'],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'kafka:65536' }, '"kafka:65536" is not host:port'],
    [{ KAFKA_BOOTSTRAP_SERVERS: ' , ' }, '"" is not host:port'],
    [
      { PUSHER_BACKEND: 'kafka' },
      'PUSHER_BACKEND is "kafka": must be one of kafkajs, rdkafka, memory; for example PUSHER_BACKEND=rdkafka',
    ],
    [{ DEVICE_COMMAND_TOPIC: 'a b' }, 'DEVICE_COMMAND_TOPIC is "a b": must be 1 to 249 letters'],
    [{ KAFKA_COMMAND_TOPIC: '..' }, 'KAFKA_COMMAND_TOPIC is "..": must be 1 to 249 letters'],
    [{ DEVICE_SETTINGS_TOPIC: 'a'.repeat(250) }, 'must be 1 to 249 letters'],
    [{ KAFKA_COMPRESSION: 'zip' }, 'must be one of none, gzip, snappy, lz4, zstd'],
    [{ KAFKA_PARTITIONER: 'random' }, 'must be one of murmur2, crc32'],
    [{ KAFKA_SSL: 'yes' }, 'KAFKA_SSL is "yes": must be one of true, false; for example KAFKA_SSL=true'],
    [
      { KAFKA_SASL_MECHANISM: 'GSSAPI' },
      'must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM; for example',
    ],
    [{ KAFKA_SECURITY_PROTOCOL: 'TLS' }, 'must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL'],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'user:se/cret@kafka:9092' }, '"***@kafka:9092" is not host:port'],
    [
      { KAFKA_BOOTSTRAP_SERVERS: 'a:1,SASL_SSL://user:hun,ter@kafka:9092' },
      'KAFKA_BOOTSTRAP_SERVERS is "a:1,SASL_SSL://***@kafka:9092": "SASL_SSL://***@kafka:9092" is not host:port',
    ],
    [
      { KAFKA_BOOTSTRAP_SERVERS: 'secret@kafka:9092' },
      'is "***@kafka:9092": "***@kafka:9092" is not host:port',
    ],
    [
      { KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: 'https://user:secret@login.example/token' },
      'KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is "https://***@login.example/token": must be an https:// URL, or an http:// URL of this machine, without credentials',
    ],
  ])('%o', (environment, message) => {
    expect(messageOf(environment)).toContain(message);
  });

  test('all of them at once', () => {
    const message = messageOf({ KAFKA_SSL: 'yes', KAFKA_PARTITIONER: 'random' });
    expect(message).toContain('KAFKA_SSL is "yes"');
    expect(message).toContain('KAFKA_PARTITIONER is "random"');
  });
});

describe('TLS', () => {
  test('with what the system trusts', () => {
    expect(read({ KAFKA_SSL: 'true' }).tls).toBe(true);
    expect(read({ KAFKA_SECURITY_PROTOCOL: 'ssl' }).tls).toBe(true);
    expect(read({ KAFKA_SSL: 'false' })).not.toHaveProperty('tls');
  });

  test('with certificates in variables', () => {
    const environment = { KAFKA_SSL_CA: cert, KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key };
    expect(read(environment).tls).toStrictEqual({ ca: cert, cert, key });
  });

  test('with an encrypted key and its passphrase', () => {
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter2' } as const;
    const encrypted = String(createPrivateKey(key).export(cipher)).trim();
    const environment = { KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: encrypted };
    expect(read({ ...environment, KAFKA_SSL_KEY_PASSWORD: 'hunter2' }).tls).toStrictEqual({
      cert,
      key: encrypted,
      passphrase: 'hunter2',
    });
    expect(messageOf(environment)).toBe(
      'KAFKA_SSL_KEY is encrypted; give its passphrase in KAFKA_SSL_KEY_PASSWORD',
    );
    expect(messageOf({ ...environment, KAFKA_SSL_KEY_PASSWORD: 'other' })).toBe(
      'KAFKA_SSL_KEY_PASSWORD does not decrypt the key of KAFKA_SSL_KEY',
    );
  });

  test('files are read again for each connection; one that is not valid leaves the last good version in use', async () => {
    const next = await generate([{ name: 'commonName', value: 'client' }], { algorithm: 'sha256' });
    const contents: Record<string, string> = { 'client.pem': cert, 'client.key': key, 'ca.pem': cert };
    const { tls } = read(
      {
        KAFKA_SSL_CA_FILE: 'ca.pem',
        KAFKA_SSL_CERT_FILE: 'client.pem',
        KAFKA_SSL_KEY_FILE: 'client.key',
      },
      { readFile: files(contents) },
    );
    const again = typeof tls === 'function' ? tls : expect.fail('no function');
    expect(again()).toStrictEqual({ ca: cert, cert, key });
    contents['client.pem'] = next.cert.trim();
    expect(again()).toStrictEqual({ ca: cert, cert, key });
    contents['client.key'] = next.private.trim();
    expect(again()).toStrictEqual({ ca: cert, cert: next.cert.trim(), key: next.private.trim() });
  });

  test('an expired certificate is said with its file and date', async () => {
    const expired = await generate([{ name: 'commonName', value: 'client' }], {
      algorithm: 'sha256',
      notBeforeDate: new Date('2026-01-01T00:00:00Z'),
      notAfterDate: new Date('2026-02-01T00:00:00Z'),
    });
    const readFile = files({ 'client.pem': expired.cert, 'client.key': expired.private });
    const environment = { KAFKA_SSL_CERT_FILE: 'client.pem', KAFKA_SSL_KEY_FILE: 'client.key' };
    expect(() => read(environment, { readFile })).toThrow(
      'the certificate of KAFKA_SSL_CERT_FILE, the file client.pem, expired on 2026-02-01T00:00:00.000Z',
    );
  });

  test.each([
    [
      { KAFKA_SSL_CERT: cert },
      'KAFKA_SSL_CERT is set and KAFKA_SSL_KEY is not; a client certificate needs both',
    ],
    [{ KAFKA_SSL_KEY: key }, 'KAFKA_SSL_KEY is set and KAFKA_SSL_CERT is not'],
    [{ KAFKA_SSL: 'false', KAFKA_SSL_CA: cert }, 'KAFKA_SSL is "false", but certificates are set'],
    [
      { KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT', KAFKA_SSL: 'true' },
      'KAFKA_SECURITY_PROTOCOL is "PLAINTEXT", but the KAFKA_SSL* and KAFKA_SASL* variables make it SSL',
    ],
    [{ KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' }, 'variables make it SSL'],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'user:se/cret@kafka:9092' }, '"***@kafka:9092" is not host:port'],
  ])('%o', (environment, message) => {
    expect(messageOf(environment)).toContain(message);
  });
});

describe('authentication', () => {
  const user = { KAFKA_SASL_USERNAME: 'pusher', KAFKA_SASL_PASSWORD: 'secret' };

  test.each([
    ['PLAIN', 'plain'],
    ['scram-sha-256', 'scram-sha-256'],
    ['SCRAM-SHA-512', 'scram-sha-512'],
  ])('%s', (text, mechanism) => {
    const environment = { ...user, KAFKA_SASL_MECHANISM: text, KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT' };
    expect(read(environment).sasl).toStrictEqual({ mechanism, username: 'pusher', password: 'secret' });
  });

  test('a password in a file, without the line end', () => {
    const environment = {
      KAFKA_SASL_MECHANISM: 'PLAIN',
      KAFKA_SASL_USERNAME: 'pusher',
      KAFKA_SASL_PASSWORD_FILE: '/run/secrets/password',
    };
    const contents: Record<string, string> = { '/run/secrets/password': 'secret\n' };
    const { sasl } = read(environment, { readFile: files(contents) });
    const password = sasl?.mechanism === 'plain' && typeof sasl.password === 'function' && sasl.password;
    if (!password) expect.fail('the password is not read again');
    expect(password()).toBe('secret');
    contents['/run/secrets/password'] = '';
    expect(password()).toBe('secret');
    contents['/run/secrets/password'] = 'changed';
    expect(password()).toBe('changed');
  });

  test('OAUTHBEARER with the token function of the code', () => {
    const token = async () => ({ value: 'token', expiresAtMs: 0, principal: 'pusher' });
    expect(read({ KAFKA_SASL_MECHANISM: 'OAUTHBEARER' }, { token }).sasl).toStrictEqual({
      mechanism: 'oauthbearer',
      token,
    });
  });

  test.each([
    [
      { KAFKA_SASL_MECHANISM: 'OAUTHBEARER' },
      'KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is not set, but KAFKA_SASL_MECHANISM=OAUTHBEARER needs it, or a function that gets tokens: readKafkaOptions(process.env, { token })',
    ],
    [
      {
        KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
        KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: 'https://login.example/token',
        KAFKA_SASL_OAUTHBEARER_CLIENT_ID: 'pusher',
      },
      'KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET is not set',
    ],
    [
      { KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: 'http://login.example/token' },
      'must be an https:// URL, or an http:// URL of this machine',
    ],
    [user, 'KAFKA_SASL_MECHANISM is not set, but a user or password is'],
    [
      { KAFKA_SASL_MECHANISM: 'PLAIN' },
      'KAFKA_SASL_USERNAME is not set, but KAFKA_SASL_MECHANISM=PLAIN needs it',
    ],
    [
      { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'pusher' },
      'KAFKA_SASL_PASSWORD is not set, but KAFKA_SASL_MECHANISM=PLAIN needs it',
    ],
    [
      { ...user, KAFKA_SASL_PASSWORD_FILE: '/run/secrets/password' },
      'KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE say different things about the same setting; keep one, for example KAFKA_SASL_PASSWORD_FILE=/run/secrets/kafka-password',
    ],
    [
      { KAFKA_SASL_PASSWORD_FILE: '/nowhere' },
      'KAFKA_SASL_PASSWORD_FILE must be the path of a file that holds the value, and cannot be read (ENOENT); for example KAFKA_SASL_PASSWORD_FILE=/run/secrets/kafka-password',
    ],
    [
      { KAFKA_SSL_CA_FILE: '/nowhere' },
      "KAFKA_SSL_CA_FILE names the file /nowhere, which cannot be read: ENOENT: no such file or directory, open '/nowhere'",
    ],
    [{ KAFKA_SASL_PASSWORD_FILE: '/empty' }, 'names the file /empty, which is empty'],
  ])('%o', (environment, message) => {
    expect(messageOf(environment, { readFile: files({ '/empty': '\n' }) })).toContain(message);
  });
});

test('secrets are in no message', () => {
  const readFile = files({ 'key.pem': 'hidden' });
  for (const environment of [
    { KAFKA_SSL_KEY: 'hidden' },
    { KAFKA_SSL_KEY_FILE: 'key.pem' },
    { KAFKA_SASL_PASSWORD: 'hidden', KAFKA_SASL_PASSWORD_FILE: 'key.pem' },
    { KAFKA_SASL_PASSWORD: 'hidden' },
  ]) {
    expect(messageOf(environment, { readFile })).not.toContain('hidden');
  }
  expect(messageOf({ KAFKA_SSL_KEY_FILE: 'key.pem' }, { readFile })).toBe(
    'KAFKA_SSL_KEY_FILE, the file key.pem, has a wrong value: must be PEM text, which has a line -----BEGIN ...-----; for example KAFKA_SSL_KEY_FILE=/run/secrets/kafka-client-key',
  );
});
