import type { PublishRecord } from '@preservarium/backend';
import { encodeCommand, parseCommand } from '@preservarium/core';
import { FlattenedSign, flattenedVerify, importJWK, type JWK } from 'jose';
import { expect, test } from 'vitest';
import { pairOfJwks, secretJwk } from '../test/keys.js';
import { createRecordSigner, createRecordVerifier, readSigningKey, readVerificationKeys } from './index.js';

const command = parseCommand({
  deviceId: 'd1',
  commandType: 'unlock',
  protocol: 'mqtt',
  payload: { door: 'größer' },
});
const record = { topic: 'device_commands', key: 'd1', value: encodeCommand(command) } satisfies PublishRecord;
const content = { kind: 'command', ...command } as const;

const secret = secretJwk();
const pair = pairOfJwks();
const algorithms = [
  ['HS256', secret, secret],
  ['Ed25519', pair.privateJwk, pair.publicJwk],
] as const;

function signatureOf({ headers = [] }: PublishRecord): string {
  return String(headers.find(([name]) => name === 'signature')?.[1]);
}

test.each(algorithms)('jose verifies a signature of ours (%s)', async (alg, privateJwk, publicJwk) => {
  const signed = createRecordSigner({ key: readSigningKey(privateJwk) })(record, {
    kind: 'command',
    id: command.requestId,
  });
  const [protectedText = '', payload, signature = ''] = signatureOf(signed).split('.');
  expect(payload).toBe('');
  const key = await importJWK(publicJwk as JWK, alg);
  const jws = { protected: protectedText, payload: record.value, signature };
  const { protectedHeader } = await flattenedVerify(jws, key, { algorithms: [alg] });
  expect(protectedHeader).toMatchObject({
    alg,
    b64: false,
    kid: privateJwk.kid,
    sub: 'd1',
    jti: command.requestId,
  });
  const altered = { ...jws, payload: Buffer.concat([record.value, Buffer.from(' ')]) };
  await expect(flattenedVerify(altered, key)).rejects.toThrow('signature verification failed');
});

test.each(algorithms)('a signature of jose is verified (%s)', async (alg, privateJwk, publicJwk) => {
  const ours = createRecordSigner({ key: readSigningKey(privateJwk) })(record, {
    kind: 'command',
    id: command.requestId,
  });
  const header = JSON.parse(Buffer.from(signatureOf(ours).split('.')[0] ?? '', 'base64url').toString());
  const jws = await new FlattenedSign(record.value)
    .setProtectedHeader(header)
    .sign(await importJWK(privateJwk as JWK, alg), { crit: { b64: true } });
  const verifier = createRecordVerifier({ keys: readVerificationKeys({ keys: [publicJwk] }) });
  const consumed = (value: Buffer) => ({
    ...record,
    key: Buffer.from('d1'),
    value,
    headers: [['signature', Buffer.from(`${jws.protected}..${jws.signature}`)] as const],
  });
  expect(verifier.verify(consumed(record.value), content)).toMatchObject({
    ok: true,
    signature: { issuer: 'app', keyId: privateJwk.kid },
  });
  const altered = Buffer.concat([record.value, Buffer.from(' ')]);
  expect(verifier.verify(consumed(altered), content)).toMatchObject({ refusal: { reason: 'wrong-key' } });
});

test('a signature of settings has no end, and is none of a command', async () => {
  const longAgo = () => Date.parse('2000-01-01');
  const sign = createRecordSigner({ key: readSigningKey(pair.privateJwk), clock: longAgo });
  const verifier = createRecordVerifier({ keys: readVerificationKeys({ keys: [pair.publicJwk] }) });
  const { headers = [], ...signed } = sign(record, { kind: 'settings', id: command.requestId });
  const [protectedText = '', , signature = ''] = signatureOf({ ...signed, headers }).split('.');
  const jws = { protected: protectedText, payload: record.value, signature };
  const { protectedHeader } = await flattenedVerify(jws, await importJWK(pair.publicJwk as JWK, 'Ed25519'));
  expect(protectedHeader).toMatchObject({ typ: 'settings+jws', aud: record.topic, sub: 'd1' });
  expect(protectedHeader).not.toHaveProperty('exp');
  const consumed = { ...record, key: Buffer.from('d1'), headers };
  const { deviceId, requestId } = command;
  const ofSettings = { kind: 'settings', deviceId, requestId, settings: ['led'] } as const;
  expect(verifier.verify(consumed, ofSettings)).toMatchObject({ ok: true });
  expect(verifier.verify(consumed, content)).toMatchObject({ refusal: { reason: 'replayed' } });
  const ofCommand = sign(record, { kind: 'command', id: requestId });
  const replayed = { ...consumed, headers: ofCommand.headers ?? [] };
  expect(verifier.verify(replayed, ofSettings)).toMatchObject({ refusal: { reason: 'replayed' } });
});
