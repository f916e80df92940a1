import { randomBytes } from 'node:crypto';
import {
  createRecordSigner,
  createRecordVerifier,
  readSigningKey,
  readVerificationKeys,
} from '@preservarium/signing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFakeDeliverer } from '../test/fake-deliverer.js';
import { createFakeSettingsStore } from '../test/fake-settings-store.js';
import { createWorld, type World } from '../test/world.js';

const jwk = {
  kty: 'oct',
  kid: 'connector-1',
  iss: 'connector',
  alg: 'HS256',
  k: randomBytes(32).toString('base64url'),
};
const verifier = createRecordVerifier({ keys: readVerificationKeys({ keys: [jwk] }) });
const sign = createRecordSigner({ key: readSigningKey(jwk) });
let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

test('the connector signs the commands by which it brings settings to devices', async () => {
  const store = createFakeSettingsStore();
  const deliverer = createFakeDeliverer(({ payload }) => ({
    kind: 'delivered',
    evidence: 'device',
    result: payload,
  }));
  const connector = await world.start(deliverer, { settings: store, signatures: { verifier, sign } });
  store.desire('d1', { a: 1 });
  await expect.poll(() => store.reported('d1')).toEqual({ a: 1 });
  expect(connector.status().signatures).toMatchObject({ verified: 1, unsigned: 0 });
});

test('a connector warns where commands need a signature and settings do not', async () => {
  const warnings: string[] = [];
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (_: object, message: string) => warnings.push(message),
  };
  const start = (signatureMode: 'enforce' | undefined) =>
    world.start(createFakeDeliverer(), {
      settings: { ...createFakeSettingsStore(), signatureMode },
      signatures: { verifier, sign },
      logger,
    });
  await start('enforce');
  expect(warnings.filter((message) => message.includes('give createSettings'))).toEqual([]);
  await start(undefined);
  expect(warnings).toContainEqual(expect.stringContaining('give createSettings `signatures` as well'));
});

test('a connector that would refuse its own commands does not start', async () => {
  const start = world.start(createFakeDeliverer(), {
    settings: createFakeSettingsStore(),
    signatures: { verifier },
  });
  await expect(start).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
});
