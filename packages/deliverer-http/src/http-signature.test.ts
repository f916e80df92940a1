import { ConfigurationError } from '@preservarium/core';
import { describe, expect, test } from 'vitest';
import { readSecrets } from './http-secrets.js';
import { signRequest } from './http-signature.js';
import { createNonceCache, signReport, verifySignature } from './index.js';

// The example of the Standard Webhooks libraries.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const otherSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

function signed(secrets: readonly string[], timestampMs = Date.now()) {
  const request = {
    method: 'POST',
    path: '/devices/7/led?fade=1',
    headers: {
      'webhook-id': 'request-1',
      'webhook-timestamp': String(Math.floor(timestampMs / 1_000)),
      'webhook-nonce': 'nonce-of-16-chars',
      'device-id': '7',
      'command-type': 'set_led',
    },
    body: Buffer.from('{"on":true}'),
  };
  const signature = signRequest(request, {
    direction: 'command',
    audience: '7',
    secrets: readSecrets(secrets),
  });
  return { ...request, headers: { ...request.headers, 'webhook-signature': signature } };
}

test('v1 is what Standard Webhooks has for its example', () => {
  const request = {
    method: 'POST',
    path: '/',
    headers: { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330' },
    body: Buffer.from('{"test": 2432232314}'),
  };
  const signing = { direction: 'command', audience: 'a', secrets: readSecrets(secret) } as const;
  expect(signRequest(request, signing).split(' ')[0]).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('a request is valid for a receiver with any of the secrets', () => {
  expect(verifySignature(signed([secret]), { secret })).toBe(true);
  expect(verifySignature(signed([otherSecret, secret]), { secret })).toBe(true);
  expect(verifySignature(signed([secret]), { secret: [otherSecret, secret] })).toBe(true);
  expect(verifySignature(signed([secret]), { secret: otherSecret })).toBe(false);
  expect(verifySignature(signed([secret]), { secret: [] })).toBe(false);
});

describe('a request is not valid once it has changed:', () => {
  const request = signed([secret]);
  const { headers } = request;
  const v1 = String(headers['webhook-signature'].split(' ')[0]);
  test.each([
    ['method', { ...request, method: 'PUT' }],
    ['path', { ...request, path: '/devices/8/led?fade=1' }],
    ['query', { ...request, path: '/devices/7/led?fade=2' }],
    ['body', { ...request, body: Buffer.from('{"on":false}') }],
    ['device', { ...request, headers: { ...headers, 'device-id': '8' } }],
    ['nonce', { ...request, headers: { ...headers, 'webhook-nonce': 'another-of-16-chars' } }],
    ['nonce left out', { ...request, headers: { ...headers, 'webhook-nonce': undefined } }],
    ['command type', { ...request, headers: { ...headers, 'command-type': 'reboot' } }],
    ['id', { ...request, headers: { ...headers, 'webhook-id': 'request-2' } }],
    [
      'timestamp',
      { ...request, headers: { ...headers, 'webhook-timestamp': `0${headers['webhook-timestamp']}` } },
    ],
    ['timestamp left out', { ...request, headers: { ...headers, 'webhook-timestamp': undefined } }],
    ['timestamp no number', { ...request, headers: { ...headers, 'webhook-timestamp': 'now' } }],
    ['signature left out', { ...request, headers: { ...headers, 'webhook-signature': undefined } }],
    ['signature of the target left out', { ...request, headers: { ...headers, 'webhook-signature': v1 } }],
    [
      'signature of the body as the target',
      { ...request, headers: { ...headers, 'webhook-signature': v1.replace('v1', 'v2') } },
    ],
    ['signature empty', { ...request, headers: { ...headers, 'webhook-signature': 'v2,' } }],
  ])('%s', (_, changed) => {
    expect(verifySignature(request, { secret })).toBe(true);
    expect(verifySignature(changed, { secret })).toBe(false);
  });
});

test('a request is valid for its device alone', () => {
  expect(verifySignature(signed([secret]), { secret, deviceId: '7' })).toBe(true);
  expect(verifySignature(signed([secret]), { secret, deviceId: '8' })).toBe(false);
});

test('a request is valid once, where nonces are kept', () => {
  const nonces = createNonceCache();
  const request = signed([secret]);
  expect(verifySignature({ ...request, method: 'PUT' }, { secret, nonces })).toBe(false);
  expect(verifySignature(request, { secret, nonces })).toBe(true);
  expect(verifySignature(request, { secret, nonces })).toBe(false);
});

test('a report is no command', () => {
  const body = Buffer.from('{"on":true}');
  const headers = { ...signReport({ deviceId: '7', body, path: '/led' }, secret), 'device-id': '7' };
  expect(verifySignature({ method: 'POST', path: '/led', headers, body }, { secret })).toBe(false);
});

test.each([
  [-299_000, undefined, true],
  [-302_000, undefined, false],
  [299_000, undefined, true],
  [302_000, undefined, false],
  [-302_000, 600_000, true],
])('a request of %i ms from now, with a tolerance of %s ms, is valid: %s', (awayMs, toleranceMs, valid) => {
  const request = signed([secret], Date.now() + awayMs);
  expect(verifySignature(request, { secret, ...(toleranceMs && { toleranceMs }) })).toBe(valid);
});

test.each([
  '',
  'hidden',
  'whsec_',
  'whsec_c2hvcnQ=',
  `whsec_${'A'.repeat(88)}`,
  'whsec_not base64 at all, but long',
])('refuses the secret "%s", and does not repeat it', (wrong) => {
  expect(() => readSecrets([secret, wrong])).toThrow(ConfigurationError);
  expect(() => readSecrets(wrong)).toThrow(
    /^secret: must be whsec_ and 24 to 64 bytes in base64; make one with/,
  );
});
