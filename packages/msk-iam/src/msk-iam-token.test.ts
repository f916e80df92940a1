import { createHash, createHmac } from 'node:crypto';
import { AuthenticationError, ConfigurationError } from '@preservarium/core';
import { beforeEach, expect, test, vi } from 'vitest';
import { createMskIamToken } from './index.js';

const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

/** Nothing of the machine that runs the tests: no profile, no role. */
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/no/credentials');
  vi.stubEnv('AWS_CONFIG_FILE', '/no/config');
  return () => vi.unstubAllEnvs();
});

function giveCredentials(): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretKey);
}

const urlOf = (value: string) => new URL(Buffer.from(value, 'base64url').toString());

test('a token is the presigned URL of a connect, in base64url', async () => {
  giveCredentials();
  const { value, expiresAtMs, principal } = await createMskIamToken({ region: 'eu-central-1' })();
  expect(value).toMatch(/^[\w-]+$/);
  const { protocol, host, pathname, searchParams } = urlOf(value);
  expect([protocol, host, pathname]).toEqual(['https:', 'kafka.eu-central-1.amazonaws.com', '/']);
  const date = searchParams.get('X-Amz-Date') ?? '';
  expect(Object.fromEntries(searchParams)).toMatchObject({
    Action: 'kafka-cluster:Connect',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `AKIAIOSFODNN7EXAMPLE/${date.slice(0, 8)}/eu-central-1/kafka-cluster/aws4_request`,
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Expires': '900',
  });
  const signedAt = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  expect(expiresAtMs).toBe(signedAt + 900_000);
  expect(principal).not.toBe('');
});

test('its signature is that of AWS for the secret key', async () => {
  giveCredentials();
  const { value } = await createMskIamToken({ region: 'us-east-1' })();
  const url = urlOf(value);
  const signature = url.searchParams.get('X-Amz-Signature');
  expect(signature).toBe(signatureOf(url));
});

test('a session token is part of the URL', async () => {
  giveCredentials();
  vi.stubEnv('AWS_SESSION_TOKEN', 'a session');
  const { value } = await createMskIamToken({ region: 'us-east-1' })();
  expect(urlOf(value).searchParams.get('X-Amz-Security-Token')).toBe('a session');
});

test('each call signs with the credentials of the time', async () => {
  giveCredentials();
  const token = createMskIamToken({ region: 'us-east-1' });
  await token();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIANEWNEWNEWEXAMPLE');
  expect(urlOf((await token()).value).searchParams.get('X-Amz-Credential')).toMatch(/^AKIANEWNEWNEWEXAMPLE/);
});

test('without credentials it is AUTHENTICATION_FAILED that names the variables', async () => {
  const error = await createMskIamToken({ region: 'us-east-1' })().catch((cause: unknown) => cause);
  expect(AuthenticationError.isInstance(error)).toBe(true);
  expect(String(error)).toContain(
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role',
  );
});

test.each(['', 'Frankfurt', 'eu-central', 'us-east-1.example/'])('the region "%s" is refused', (region) => {
  expect(() => createMskIamToken({ region })).toThrow(ConfigurationError);
  expect(() => createMskIamToken({ region })).toThrow(`region is "${region}"`);
});

/** Signature version 4 of a presigned request, as AWS documents it. */
function signatureOf({ host, searchParams }: URL): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  // The signer adds its user agent after it has signed.
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature' && name !== 'User-Agent')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const request = ['GET', '/', query, `host:${host}`, '', 'host', sha256('')].join('\n');
  const date = searchParams.get('X-Amz-Date') ?? '';
  const [, day = '', region = '', service = '', end = ''] = (
    searchParams.get('X-Amz-Credential') ?? ''
  ).split('/');
  const scope = [day, region, service, end].join('/');
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(request)].join('\n');
  const key = [day, region, service, end].reduce<string | Buffer>(hmac, `AWS4${secretKey}`);
  return hmac(key, text).toString('hex');
}
