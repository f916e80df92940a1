import { randomBytes } from 'node:crypto';
import { createPolicy } from '@preservarium/access';
import { type ConsumedRecord, type PublishRecord, textHeaders } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { readDeadLetter, redriveRecord } from '@preservarium/dead-letters';
import {
  createRecordSigner,
  createRecordVerifier,
  readSigningKey,
  readVerificationKeys,
  type VerificationKeys,
} from '@preservarium/signing';
import { afterEach, expect, test } from 'vitest';
import { createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

const hourMs = 3_600_000;
const jwk = (kid: string, iss = 'app') => ({
  kty: 'oct',
  kid,
  iss,
  alg: 'HS256',
  k: randomBytes(32).toString('base64url'),
});
const [first, second, operator] = [jwk('app-1'), jwk('app-2'), jwk('operator-1', 'operator')];
const both = readVerificationKeys({ keys: [first, second, operator] });
const policy = createPolicy({
  rules: [
    {
      name: 'app',
      subjects: [{ key: 'app' }],
      devices: { prefixes: ['d'] },
      actions: ['push', 'cancel'],
      commands: ['set_led'],
    },
    { name: 'operator', subjects: [{ key: 'operator' }], actions: ['redrive'] },
  ],
});

let world: World;
let nowMs = Date.now();
let key = readSigningKey(first);
const clock = () => nowMs;
const sign = createRecordSigner({ key: () => key, clock });
afterEach(async () => {
  await world.close();
});

function open(): void {
  nowMs = Date.now();
  key = readSigningKey(first);
  world = createWorld({ sign });
}

function signatures(keys: VerificationKeys | (() => VerificationKeys) = both) {
  return { verifier: createRecordVerifier({ keys, policy, clock }) };
}

const reasons = () =>
  world.deadLetters().map((record) => {
    const read = readDeadLetter(record);
    return read.ok ? read.letter.reason : read.message;
  });

function recordOf(index: number): ConsumedRecord {
  return world.broker.records('device_commands')[index] as ConsumedRecord;
}

const copyOf = ({ key, value, headers, partition }: ConsumedRecord): Omit<PublishRecord, 'topic'> => ({
  key: key as Buffer,
  value: value as Buffer,
  headers,
  partition,
});

test('a signed command is delivered; a copy, an unsigned, an altered and a foreign one are not', async () => {
  open();
  const deliverer = createFakeDeliverer();
  const connector = await world.start(deliverer, { signatures: signatures() });
  await world.push({ note: 1 });
  await expect.poll(() => deliverer.accepted()).toEqual([1]);
  const record = recordOf(0);

  await world.publish(copyOf(record));
  await expect.poll(reasons).toEqual(['replayed']);
  await world.publish({ ...copyOf(record), partition: 1 - record.partition });
  await expect.poll(reasons).toEqual(['replayed', 'replayed']);
  await world.publish({ ...copyOf(record), headers: [] });
  await expect.poll(() => reasons().at(-1)).toBe('unsigned');
  const altered = Buffer.from(String(record.value).replace('"note":1', '"note":2'));
  await world.publish({ ...copyOf(record), value: altered });
  await expect.poll(() => reasons().at(-1)).toBe('wrong-key');
  await world.publish({ ...copyOf(record), key: 'd2' });
  await expect.poll(() => reasons().length).toBe(5);
  await world.push({ commandType: 'unlock' });
  await expect.poll(() => reasons().at(-1)).toBe('not-allowed');

  expect(deliverer.accepted()).toEqual([1]);
  expect(connector.status().signatures).toEqual({
    verified: 1,
    unsigned: 1,
    'wrong-key': 1,
    replayed: 3,
    'not-allowed': 1,
  });
  await expect.poll(() => world.uncommitted()).toBe(0);
});

test('in the mode report, what would be refused is counted and delivered', async () => {
  open();
  const deliverer = createFakeDeliverer();
  const connector = await world.start(deliverer, { signatures: { ...signatures(), mode: 'report' } });
  await world.push({ note: 1 });
  await world.push({ note: 2, commandType: 'unlock' });
  await expect.poll(() => deliverer.accepted()).toEqual([1, 2]);
  expect(connector.status().signatures).toMatchObject({ verified: 1, 'not-allowed': 1 });
  expect(reasons()).toEqual([]);
});

test('a copy is refused after a restart with the store', async () => {
  open();
  using files = createStateDirs();
  const stateDir = files.take();
  const settings = { signatures: signatures(), stateDir };
  const connector = await world.start(createFakeDeliverer(), settings);
  await world.push({ note: 1 });
  await expect.poll(() => world.uncommitted()).toBe(0);
  await connector.close();
  await world.publish(copyOf(recordOf(0)));
  const deliverer = createFakeDeliverer();
  await world.start(deliverer, settings);
  await expect.poll(reasons).toEqual(['replayed']);
  expect(deliverer.attempts).toEqual([]);
});

test('a copy is refused by the next owner, which has no store; what was open is delivered', async () => {
  open();
  let isAway = false;
  const deliverer = createFakeDeliverer(() =>
    isAway ? { ...unreachable, afterMs: 60_000 } : { kind: 'delivered', evidence: 'device' },
  );
  const connector = await world.start(deliverer, { signatures: signatures() });
  await world.push({ note: 1 });
  await expect.poll(() => world.uncommitted()).toBe(0);
  isAway = true;
  nowMs += hourMs;
  await world.push({ note: 2 });
  await expect.poll(() => deliverer.attempts.length).toBe(2);
  await connector.close({ timeoutMs: 100 });
  nowMs += hourMs;
  await world.publish(copyOf(recordOf(0)));
  const next = createFakeDeliverer();
  await world.start(next, { signatures: signatures() });
  await expect.poll(reasons).toEqual(['replayed']);
  await expect.poll(() => next.accepted()).toEqual([2]);
  await world.publish(copyOf(recordOf(1)));
  await expect.poll(reasons).toEqual(['replayed', 'replayed']);
});

test('no offset is committed before the changelog has the signature of its record', async () => {
  open();
  const backend = createMemoryBackend({ broker: world.broker });
  const asked = Promise.withResolvers<void>();
  let isFrozen = false;
  const frozen: typeof backend = {
    ...backend,
    publish(records, options) {
      if (!isFrozen || !records.some(({ value }) => value.includes('"signatures"')))
        return backend.publish(records, options);
      asked.resolve();
      return new Promise(() => {});
    },
  };
  const deliverer = createFakeDeliverer();
  const connector = await world.start(deliverer, { signatures: signatures(), backend: frozen });
  await world.push({ note: 1 });
  await expect.poll(() => world.uncommitted()).toBe(0);
  isFrozen = true;
  await world.push({ note: 2 });
  await asked.promise;
  expect(deliverer.accepted()).toEqual([1, 2]);
  await connector.close({ timeoutMs: 100 });
  expect(world.uncommitted()).toBe(1);
  const next = createFakeDeliverer();
  await world.start(next, { signatures: signatures() });
  await expect.poll(() => next.accepted()).toEqual([2]);
});

test('a copy of an old command is refused when newer ones have come', async () => {
  open();
  const deliverer = createFakeDeliverer();
  const old = createRecordSigner({ key, clock: () => nowMs - hourMs });
  await world.start(deliverer, { signatures: signatures() });
  await world.push({ note: 1 });
  await expect.poll(() => deliverer.accepted()).toEqual([1]);
  const { headers: _, ...unsigned } = copyOf(recordOf(0));
  const { topic, ...late } = old(
    { topic: 'device_commands', ...unsigned },
    { kind: 'command', id: world.events()[0]?.requestId ?? '' },
  );
  await world.publish(late);
  await expect.poll(reasons).toEqual(['replayed']);
});

test('keys change without a lost command, and a denied one is refused, also for a command that waits', async () => {
  open();
  let keys = both;
  const deliverer = createFakeDeliverer(({ deviceId }) =>
    deviceId === 'd-away' ? { ...unreachable, afterMs: 60_000 } : { kind: 'delivered', evidence: 'device' },
  );
  const connector = await world.start(deliverer, { signatures: signatures(() => keys) });
  await world.push({ note: 1 });
  await world.push({ note: 'waits', deviceId: 'd-away' });
  await expect.poll(() => connector.status().waiting).toBe(1);
  key = readSigningKey(second);
  await world.push({ note: 2 });
  await expect.poll(() => deliverer.accepted()).toEqual([1, 2]);

  keys = { ...both, denied: new Set(['app-1']) };
  await world.push({ note: 3 });
  await expect.poll(() => deliverer.accepted()).toEqual([1, 2, 3]);
  deliverer.port.reachable('d-away');
  await expect.poll(reasons).toEqual(['wrong-key']);
  await expect.poll(() => connector.status().waiting).toBe(0);
});

test('a cancellation needs a signature', async () => {
  open();
  const deliverer = createFakeDeliverer(() => ({ ...unreachable, afterMs: 60_000 }));
  const connector = await world.start(deliverer, { signatures: signatures() });
  const requestId = await world.push({});
  await expect.poll(() => connector.status().waiting).toBe(1);
  await world.publish({
    topic: 'device_commands_waiting',
    key: 'd1',
    value: Buffer.from(
      JSON.stringify({ device_id: 'd1', request_id: requestId, timestamp: new Date().toISOString() }),
    ),
    headers: textHeaders({ 'record-type': 'cancel' }),
  });
  await expect.poll(() => connector.status().signatures.unsigned).toBe(1);
  expect(connector.status().waiting).toBe(1);
  await world.service.cancelCommand({ deviceId: 'd1', requestId });
  await expect.poll(() => connector.status().waiting).toBe(0);
  expect(world.states(requestId).at(-1)).toBe('cancelled');
});

test('a dead letter is sent again by one who may, and keeps the signature of its first sender', async () => {
  open();
  let isRejected = true;
  const deliverer = createFakeDeliverer(() =>
    isRejected ? { kind: 'rejected', reason: 'not now' } : { kind: 'delivered', evidence: 'device' },
  );
  await world.start(deliverer, { signatures: signatures() });
  const requestId = await world.push({ note: 1 });
  await expect.poll(reasons).toEqual(['rejected']);
  isRejected = false;
  const read = readDeadLetter(world.deadLetters()[0] as ConsumedRecord);
  if (!read.ok) throw new Error(read.message);
  const again = redriveRecord(read.letter, ['device_commands']);
  await world.publish(again);
  await expect.poll(reasons).toEqual(['rejected', 'unsigned']);
  const redrive = createRecordSigner({ key: readSigningKey(operator), clock });
  await world.publish(redrive(again, { kind: 'redrive', id: requestId }));
  await expect.poll(() => deliverer.accepted()).toEqual([1]);
  const signedByOperator = redrive(
    { ...again, headers: textHeaders({ redriven: '1' }) },
    { kind: 'redrive', id: requestId },
  );
  await world.publish(signedByOperator);
  await expect.poll(() => reasons().at(-1)).toBe('unsigned');
});
