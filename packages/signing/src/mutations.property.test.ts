import type { ConsumedRecord, RecordHeaders, RefusalReason, SigningTerms } from '@preservarium/backend';
import { decodeCommand, encodeCommand, parseCommand } from '@preservarium/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pairOfJwks, secretJwk } from '../test/keys.js';
import { type Altered, type Mutation, mutations } from '../test/mutations.js';
import { createRecordSigner, createRecordVerifier, readSigningKey, readVerificationKeys } from './index.js';

const secret = secretJwk();
const pair = pairOfJwks();
const strange = secretJwk('app-1');
const verifier = createRecordVerifier({
  keys: readVerificationKeys({ keys: [secret, pair.publicJwk] }),
});
const signers = {
  hmac: createRecordSigner({ key: readSigningKey(secret) }),
  ed25519: createRecordSigner({ key: readSigningKey(pair.privateJwk) }),
};
const forger = createRecordSigner({ key: readSigningKey(strange) });

const command = parseCommand({
  deviceId: 'door-1',
  commandType: 'unlock',
  protocol: 'mqtt',
  payload: { seconds: 5, note: 'größer' },
});
const terms = { kind: 'command', id: command.requestId } as const;
const plain = { topic: 'device_commands', key: 'door-1', value: encodeCommand(command) };

function consumed(sign = signers.hmac, given: SigningTerms = terms): Altered {
  const { headers = [] } = sign(plain, given);
  return { topic: plain.topic, key: Buffer.from(plain.key), value: plain.value, headers };
}

/** Verifies a record as settings with names that no policy is asked about. */
function refusalOfSettings(record: Altered): RefusalReason | undefined {
  const found = verifier.verify(record, {
    kind: 'settings',
    deviceId: 'door-1',
    requestId: command.requestId,
  });
  return found.ok ? undefined : found.refusal.reason;
}

/** Verifies a record with what its command says; one that cannot be read, which no connector would verify, with what the signed one said. */
function refusalOf(record: Altered): RefusalReason | undefined {
  const decoded = decodeCommand(record.value, { requestId: 'none', timestamp: new Date(0) });
  const found = verifier.verify(record, { kind: 'command', ...(decoded.ok ? decoded.command : command) });
  return found.ok ? undefined : found.refusal.reason;
}

function run(
  sign: typeof signers.hmac,
  numRuns: number,
  kind: 'command' | 'settings' = 'command',
): Map<string, number> {
  const counts = new Map<string, number>();
  const ofKind = { ...terms, kind };
  const record = consumed(sign, ofKind);
  const context = { forger, terms: ofKind };
  const verify = kind === 'settings' ? refusalOfSettings : refusalOf;
  const names = (Object.keys(mutations) as (keyof typeof mutations)[]).filter(
    // One of those headers means nothing to settings.
    (name) => kind === 'command' || name !== 'a header that means something added',
  );
  const property = fc.property(fc.constantFrom(...names), fc.nat(), fc.nat(), (name, place, change) => {
    const mutate: Mutation = mutations[name];
    const altered = mutate(record, { place, change, ...context });
    if (altered === undefined) return;
    const refusal = verify(altered);
    if (refusal === undefined) throw new Error(`${name} was accepted`);
    const key = `${name}: ${refusal}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  fc.assert(property, { numRuns });
  return counts;
}

const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);

test('the record is accepted as it was signed', () => {
  expect(refusalOf(consumed(signers.hmac))).toBeUndefined();
  expect(refusalOf(consumed(signers.ed25519))).toBeUndefined();
});

test('no altered record is accepted with HMAC', () => {
  const counts = run(signers.hmac, 110_000);
  console.log(`HS256: ${total(counts)} altered records, all refused`, Object.fromEntries([...counts].sort()));
  expect(total(counts)).toBeGreaterThanOrEqual(100_000);
}, 120_000);

test('no altered record is accepted with Ed25519', () => {
  const counts = run(signers.ed25519, 5_000);
  console.log(`Ed25519: ${total(counts)} altered records, all refused`);
  expect(total(counts)).toBeGreaterThanOrEqual(4_000);
}, 120_000);

test('no altered record of settings is accepted', () => {
  const counts = run(signers.hmac, 20_000, 'settings');
  console.log(`settings: ${total(counts)} altered records, all refused`);
  expect(total(counts)).toBeGreaterThanOrEqual(18_000);
}, 120_000);

test.each<[string, RecordHeaders]>([
  ['another name', [['trace', Buffer.from('x')]]],
  ['an empty name', [['', null]]],
])('a header that means nothing may be added: %s', (_, headers) => {
  const record = consumed();
  expect(refusalOf({ ...record, headers: [...record.headers, ...headers] })).toBeUndefined();
});

test('anything at all may be in the header: it is refused, and nothing is thrown', () => {
  const { value, ...record } = consumed() as ConsumedRecord;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const headers: RecordHeaders = [['signature', Buffer.from(bytes)]];
      expect(refusalOf({ ...record, value, headers })).toBe('unsigned');
    }),
  );
});
