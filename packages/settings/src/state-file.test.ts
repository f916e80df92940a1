import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPolicy } from '@preservarium/access';
import { type Backend, type ConsumedRecord, silentLogger } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { BackendUnavailableError } from '@preservarium/core';
import {
  createRecordSigner,
  createRecordVerifier,
  readSigningKey,
  readVerificationKeys,
} from '@preservarium/signing';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import {
  createStateDir,
  createWorld,
  desiredTopic,
  places,
  readSettings,
  reportedTopic,
} from '../test/world.js';
import type { SettingsOptions } from './index.js';

let world: ReturnType<typeof createWorld>;
let stateDir: string;
beforeEach(() => {
  world = createWorld();
  stateDir = createStateDir();
});

/** Opens the settings with the file, through a backend that counts the records it hands over. */
async function open(options: Partial<SettingsOptions> = {}) {
  const backend = createMemoryBackend({ broker: world.broker });
  const read: ConsumedRecord[] = [];
  const counting: Backend = {
    ...backend,
    subscribe: (subscribing) =>
      backend.subscribe({
        ...subscribing,
        onRecords(records) {
          read.push(...records);
          return subscribing.onRecords(records);
        },
      }),
  };
  const settings = await world.open({ backend: counting, stateDir, ...options });
  return { settings, read };
}

async function fill(options: Partial<SettingsOptions> = {}) {
  const { settings } = await open(options);
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) await settings.pushSettings(`d${number}`, { number });
  await settings.reportSettings('d1', { number: 1 });
  return settings;
}

const desiredOf = (settings: Awaited<ReturnType<typeof open>>['settings']) =>
  Object.fromEntries([...settings.deviceIds()].map((id) => [id, settings.getSettings(id)?.desired]));

const all = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((number) => [`d${number}`, { number }]));

test('the next start reads what is new, and one record of each partition that it knows', async () => {
  await (await fill()).close();
  const other = await world.open();
  await other.pushSettings('d9', { number: 9 });
  const { settings, read } = await open();
  expect(desiredOf(settings)).toEqual({ ...all, d9: { number: 9 } });
  expect([...settings.outOfSync()]).toHaveLength(8);
  const partitions = new Set(
    [...world.broker.records(desiredTopic), ...world.broker.records(reportedTopic)].map(
      ({ topic, partition }) => `${topic} ${partition}`,
    ),
  );
  expect(read.length).toBeLessThanOrEqual(partitions.size + 1);
});

test('a process that was killed leaves a file that is good', async () => {
  await fill();
  const copy = createStateDir();
  cpSync(stateDir, copy, { recursive: true });
  const { settings, read } = await open({ stateDir: copy });
  expect(desiredOf(settings)).toEqual(all);
  expect(read.length).toBeLessThan(9);
});

test('a topic that was deleted and is empty leaves nothing of the file', async () => {
  await (await fill()).close();
  world.broker.recreateTopic(desiredTopic);
  const { settings } = await open();
  expect(desiredOf(settings)).toEqual({ d1: {} });
});

test('a topic with one record that was deleted and is empty leaves nothing of the file', async () => {
  const { settings: before } = await open();
  await before.pushSettings('d1', { number: 1 });
  await before.close();
  world.broker.recreateTopic(desiredTopic);
  const { settings } = await open();
  expect(desiredOf(settings)).toEqual({});
});

test('a topic that was created anew and has other records takes the place of the file', async () => {
  await (await fill()).close();
  const records = world.broker.records(desiredTopic);
  world.broker.recreateTopic(desiredTopic);
  for (const { partition, key, value, timestampMs } of records.filter(
    ({ key }) => key?.toString() !== 'd3',
  )) {
    world.broker.topic(desiredTopic)?.append(partition, { key, value, timestampMs: timestampMs + 1 });
  }
  const { settings } = await open();
  const { d3: _, ...others } = all;
  expect(desiredOf(settings)).toEqual(others);
});

test('records that were deleted from a topic leave the file, too', async () => {
  await (await fill()).close();
  const [first] = world.broker.records(desiredTopic);
  const { partition, key } = first as ConsumedRecord;
  await world.write({ deviceId: String(key), settings: { number: 100 } });
  world.broker.topic(desiredTopic)?.deleteBefore(partition, 1);
  const fresh = await world.open();
  const { settings } = await open();
  expect(desiredOf(settings)).toEqual(desiredOf(fresh));
});

test.each(places)(
  'with settings in %s, a topic that is created anew under a running reader takes the place of what it knew',
  async (place) => {
    const settings = await fill({ ...(place === 'memory' && { stateDir: undefined }) });
    world.broker.recreateTopic(desiredTopic);
    await world.write({ deviceId: 'd2', settings: { number: 200 } });
    await expect.poll(() => desiredOf(settings)).toEqual({ d1: {}, d2: { number: 200 } });
  },
);

test('while all settings are read again, reports are to come later; Kafka that does not answer then delays that', async () => {
  const backend = createMemoryBackend({ broker: world.broker });
  let isAway = false;
  const settings = await world.open({
    backend: {
      ...backend,
      async offsets(of) {
        if (isAway) throw new BackendUnavailableError('no broker answers');
        return backend.offsets(of);
      },
    },
    knowsDevice: () => false,
  });
  for (const number of [1, 2, 3]) await settings.pushSettings(`d${number}`, { number });
  isAway = true;
  world.broker.recreateTopic(desiredTopic);
  await world.write({ deviceId: 'd1', settings: { number: 1 } });
  await expect.poll(() => desiredOf(settings)).toEqual({ d1: { number: 1 } });
  expect(await settings.reportSettings('d1', { number: 1 })).toMatchObject({ kind: 'later' });
  const told: string[] = [];
  settings.onChange(({ deviceId }) => told.push(deviceId));
  isAway = false;
  await expect.poll(() => told).toEqual(['d1']);
  expect(await settings.reportSettings('d1', { number: 1 })).toMatchObject({ kind: 'kept' });
});

test('settings that were deleted while nobody looked are not in a file that is older than Kafka keeps tombstones', async () => {
  await (await fill()).close();
  const halfADayMs = 12 * 3600_000;
  const clock = () => Date.now() + halfADayMs;
  const { read } = await open({ clock });
  expect(read).toHaveLength(9);
});

test.each([
  ['an hour', 3600_000, true],
  ['four hours', 4 * 3600_000, false],
])(
  'where Kafka keeps tombstones for %s, a file of an hour ago is judged by that',
  async (_, retentionMs, isReadAgain) => {
    await (await fill()).close();
    const topicConfigs = { topicConfig: async () => ({ 'delete.retention.ms': String(retentionMs) }) };
    const { read } = await open({ topicConfigs, clock: () => Date.now() + 3600_000 });
    expect(read.length === 9).toBe(isReadAgain);
  },
);

test('a file from the future is not trusted', async () => {
  await (await fill({ clock: () => Date.now() + 3600_000 })).close();
  const { read } = await open();
  expect(read).toHaveLength(9);
});

test('a device that ends void is mended after the next start', async () => {
  const before = await fill();
  await world.write({ deviceId: 'd1', settings: { number: 'void' }, baseVersion: -1 });
  await expect.poll(() => world.read().at(-1)).toMatchObject({ settings: { number: 'void' } });
  await before.close();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  await open();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(readSettings(world.broker, desiredTopic).at(-1)).toMatchObject({ settings: { number: 1 } });
});

const jwk = (issuer: string) => ({
  kty: 'oct',
  kid: `${issuer}-1`,
  iss: issuer,
  alg: 'HS256',
  k: randomBytes(32).toString('base64url'),
});
const [app, stranger] = [jwk('app'), jwk('stranger')];
const keysOf = (...keys: object[]) => readVerificationKeys({ keys });
const policyOf = (rule: object) =>
  createPolicy({ rules: [{ name: 'all', subjects: [{ key: '*' }], actions: ['push'], ...rule }] });
const sign = createRecordSigner({ key: readSigningKey(app) });
const signaturesOf = (...keys: object[]) => ({ verifier: createRecordVerifier({ keys: keysOf(...keys) }) });

test('a file of the same keys is read on from', async () => {
  await (await fill({ sign, signatures: signaturesOf(app, stranger) })).close();
  const { settings, read } = await open({ sign, signatures: signaturesOf(stranger, app) });
  expect(desiredOf(settings)).toEqual(all);
  expect(read.length).toBeLessThan(9);
});

test.each<[string, Partial<SettingsOptions>, object]>([
  ['other keys', { signatures: signaturesOf(stranger) }, { d1: {} }],
  ['a key that is denied', { signatures: { verifier: denying() } }, { d1: {} }],
  [
    'a policy',
    { signatures: { verifier: allowing({ devices: { ids: ['d2'] } }) } },
    { d1: {}, d2: { number: 2 } },
  ],
  ['another mode', { signatures: { ...signaturesOf(stranger), mode: 'report' } }, all],
  ['no signatures', {}, all],
])('documents that were accepted otherwise are not trusted with %s', async (_, options, expected) => {
  await (await fill({ sign, signatures: signaturesOf(app) })).close();
  const { settings, read } = await open(options);
  expect(desiredOf(settings)).toEqual(expected);
  expect(read).toHaveLength(9);
});

test('a file in which records were judged by two sets of keys is not trusted with any of them', async () => {
  let keys = keysOf(app, stranger);
  const verifier = createRecordVerifier({ keys: () => keys });
  const before = await fill({ sign, signatures: { verifier } });
  keys = keysOf(app);
  await before.reportSettings('d1', { number: 2 });
  await before.close();
  for (const trusted of [[app, stranger], [app]]) {
    const copy = createStateDir();
    cpSync(stateDir, copy, { recursive: true });
    const { read } = await open({ stateDir: copy, signatures: signaturesOf(...trusted) });
    expect(read).toHaveLength(10);
  }
});

test.each<[string, SettingsOptions['signatures']]>([
  [
    'where the policy depends on the types of devices',
    { verifier: allowing({ devices: { types: ['lamp'] } }) },
  ],
  ['where refusals are only counted', { ...signaturesOf(app), mode: 'report' }],
  [
    'with a verifier that says nothing of itself',
    { verifier: { verify: signaturesOf(app).verifier.verify } },
  ],
])('%s, each start reads all settings', async (_, signatures) => {
  await (await fill({ sign })).close();
  await (await open({ signatures })).settings.close();
  const { read } = await open({ signatures });
  expect(read).toHaveLength(9);
});

function denying() {
  return createRecordVerifier({ keys: readVerificationKeys({ keys: [app], denied: ['app-1'] }) });
}

function allowing(rule: object) {
  return createRecordVerifier({ keys: keysOf(app), policy: policyOf(rule) });
}

test('doubtful settings are doubtful after the next start: nobody signs them', async () => {
  const signatures = { ...signaturesOf(app), mode: 'report' as const };
  const { settings: before } = await open({ sign, signatures });
  await world.write({ deviceId: 'd1', settings: { number: 1 } });
  await world.write({ deviceId: 'd1', settings: { number: 'void' }, baseVersion: -1 });
  await expect.poll(() => before.getSettings('d1')?.desired).toEqual({ number: 1 });
  await before.close();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  await open({ sign, signatures });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(world.read().map((record) => record?.settings)).toEqual([{ number: 1 }, { number: 'void' }]);
});

test.each<[string, (path: string) => void]>([
  ['is no database', (path) => writeFileSync(path, 'x'.repeat(10_000))],
  ['was cut', (path) => truncateSync(path, 5_000)],
])('a file that %s is made anew, with a warning', async (_, damage) => {
  await (await fill()).close();
  damage(join(stateDir, 'settings.db'));
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, message: string) => warnings.push(message) };
  const { settings } = await open({ logger });
  expect(desiredOf(settings)).toEqual(all);
  expect(warnings).toEqual(['the file of settings is damaged: all settings are read again']);
});

test('other topics or limits make the file anew', async () => {
  await (await fill()).close();
  const { read } = await open({ limits: { maxDevices: 100 } });
  expect(read).toHaveLength(9);
});

test('nobody else may read the file, and no other process may use it', async () => {
  await fill();
  const modes = readdirSync(stateDir).map((name) => statSync(join(stateDir, name)).mode & 0o777);
  expect(new Set(modes)).toEqual(new Set([0o600]));
  await expect(open()).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('CONNECTOR_STATE_DIR'),
  });
});
