import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { AuthenticationError, ConfigurationError } from '@preservarium/core';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, test } from 'vitest';
import { assertTls, readTls, type TlsOptions } from './index.js';

const dayMs = 24 * 3_600_000;
const passphrase = 'correct horse';
let cert: string;
let key: string;
let encryptedKey: string;

async function certificate(from: number, until: number) {
  const made = await generate([{ name: 'commonName', value: 'client' }], {
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + from),
    notAfterDate: new Date(Date.now() + until),
  });
  return { cert: made.cert, key: made.private };
}

beforeAll(async () => {
  ({ cert, key } = await certificate(-dayMs, dayMs));
  const cipher = 'aes-256-cbc';
  encryptedKey = String(createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher, passphrase }));
});

function errorOf(tls: TlsOptions): unknown {
  try {
    assertTls(tls);
  } catch (error) {
    return error;
  }
  return expect.fail('it was accepted');
}

test('a chain, a key, and an encrypted key with its passphrase are accepted', () => {
  assertTls({});
  assertTls({ ca: `${cert}\n${cert}`, cert: `${cert}\n${cert}`, key });
  assertTls({ cert, key: encryptedKey, passphrase });
});

test('an error names the part and what is wrong with it, without the secrets', () => {
  const otherKey = String(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const broken = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----`;
  const cases: [TlsOptions, string][] = [
    [{ ca: 'no PEM' }, 'tls.ca is no certificate: '],
    [{ ca: `${cert}\n${broken('CERTIFICATE')}` }, 'tls.ca is no certificate: '],
    [{ cert }, 'tls.cert is set and tls.key is not'],
    [{ key }, 'tls.key is set and tls.cert is not'],
    [{ cert: key, key }, 'tls.cert is no certificate: '],
    [{ cert, key: broken('PRIVATE KEY') }, 'tls.key is no private key: '],
    [{ cert, key: otherKey }, 'tls.key is not the key of the certificate of tls.cert'],
    [{ cert, key: encryptedKey }, 'tls.key is encrypted; give its passphrase in tls.passphrase'],
    [
      { cert, key: encryptedKey, passphrase: 'hunter2' },
      'tls.passphrase does not decrypt the key of tls.key',
    ],
  ];
  for (const [tls, message] of cases) {
    const error = errorOf(tls);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain('hunter2');
  }
});

describe('the period of the own certificate', () => {
  test('expired', async () => {
    const error = errorOf(await certificate(-2 * dayMs, -dayMs));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(String(error)).toMatch(/the certificate of tls\.cert expired on \d{4}-\d\d-\d\dT/);
  });

  test('not yet valid', async () => {
    expect(String(errorOf(await certificate(dayMs, 2 * dayMs)))).toContain('is not valid before');
  });
});

test('a function is called for each connection', () => {
  let reads = 0;
  const source = () => {
    reads++;
    return { ca: cert };
  };
  expect(readTls(source)).toEqual({ ca: cert });
  readTls(source);
  expect(reads).toBe(2);
  expect(readTls(true)).toEqual({});
});
