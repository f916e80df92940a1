import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiKey } from '@preservarium/access';
import { silentLogger } from '@preservarium/backend';
import { readVariables } from '@preservarium/environment';
import { expect, test } from 'vitest';
import { gatewayVariables } from '../gateway-variables.js';
import { openAccess } from './open-access.js';

const noTypes = () => undefined;

function open(environment: Readonly<Record<string, string>>) {
  const gateway = readVariables(gatewayVariables, environment, {});
  return openAccess(gateway, { typeOf: noTypes, logger: silentLogger });
}

const request = { authorization: undefined, apiKey: undefined, host: '127.0.0.1:8000' };

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])(
  'on %s everyone may do everything',
  async (host) => {
    const { authenticate, authorizer } = open({ GATEWAY_HOST: host });
    expect(await authenticate(request)).toMatchObject({ id: 'anonymous' });
    expect(authorizer.allows({ caller: { id: 'anonymous' }, action: 'push' })).toBe(true);
  },
);

test.each(['0.0.0.0', '::', '192.168.1.2', 'gateway.example'])(
  'on %s a gateway without keys does not begin',
  (host) => {
    expect(() => open({ GATEWAY_HOST: host })).toThrow('set GATEWAY_KEYS or GATEWAY_OIDC_ISSUER');
  },
);

test('the keys of API_KEYS are taken, and no others', async () => {
  const { authenticate } = open({ GATEWAY_HOST: '0.0.0.0', API_KEYS: 'first, second' });
  expect(await authenticate({ ...request, apiKey: 'first' })).toEqual({
    id: 'key:api-key-1',
    keyId: 'api-key-1',
  });
  expect(await authenticate({ ...request, authorization: 'Bearer second' })).toMatchObject({
    keyId: 'api-key-2',
  });
  for (const apiKey of ['third', '', 'first,second']) {
    await expect(authenticate({ ...request, apiKey })).rejects.toMatchObject({ problem: { status: 401 } });
  }
  await expect(authenticate(request)).rejects.toMatchObject({ problem: { status: 401 } });
});

test('keys of the file are taken beside API_KEYS, until they expire', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'gateway-keys-')), 'keys.yaml');
  const valid = createApiKey('dashboard');
  const expired = createApiKey('old', { expires: new Date(Date.now() - 1_000) });
  writeFileSync(path, JSON.stringify({ keys: [valid.entry, expired.entry] }));
  const { authenticate } = open({ GATEWAY_KEYS: path, API_KEYS: 'first' });
  expect(await authenticate({ ...request, apiKey: valid.text })).toMatchObject({ id: 'key:dashboard' });
  expect(await authenticate({ ...request, apiKey: 'first' })).toMatchObject({ keyId: 'api-key-1' });
  await expect(authenticate({ ...request, apiKey: expired.text })).rejects.toMatchObject({
    problem: { status: 401 },
  });
});

test('an issuer needs an audience', () => {
  expect(() => open({ GATEWAY_OIDC_ISSUER: 'https://login.example' })).toThrow('GATEWAY_OIDC_AUDIENCE');
});
