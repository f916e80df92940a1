import { randomBytes } from 'node:crypto';
import { createPolicy } from '@preservarium/access';
import type { ConsumedRecord, PublishRecord } from '@preservarium/backend';
import { encodeSettings, parseSettings } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import {
  createRecordSigner,
  createRecordVerifier,
  readSigningKey,
  readVerificationKeys,
} from '@preservarium/signing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createWorld, desiredTopic, places } from '../test/world.js';
import type { SettingsSignatures } from './index.js';

const jwk = (issuer: string) => ({
  kty: 'oct',
  kid: `${issuer}-1`,
  iss: issuer,
  alg: 'HS256',
  k: randomBytes(32).toString('base64url'),
});
const [app, lamps, stranger] = [jwk('app'), jwk('lamps'), jwk('stranger')];
const policy = createPolicy({
  rules: [
    { name: 'app', subjects: [{ key: 'app' }], devices: { prefixes: ['d'] }, actions: ['push'] },
    { name: 'lamps', subjects: [{ key: 'lamps' }], actions: ['push'], settings: ['led'] },
  ],
});
const verifier = createRecordVerifier({ keys: readVerificationKeys({ keys: [app, lamps] }), policy });
const signatures: SettingsSignatures = { verifier };
const longAgo = () => Date.parse('2000-01-01');
const sign = createRecordSigner({ key: readSigningKey(app), clock: longAgo });
const signAs = (key: object) => createRecordSigner({ key: readSigningKey(key) });
const terms = { kind: 'settings', id: 'r1' } as const;

function document(deviceId: string, settings: Record<string, number>, baseVersion = -1): PublishRecord {
  const base = Number.isNaN(baseVersion) ? {} : { baseVersion };
  const parsed = parseSettings({ requestId: 'r1', deviceId, settings, ...base });
  return { topic: desiredTopic, key: deviceId, value: encodeSettings(parsed) };
}

const copyOf = ({ key, value, headers }: ConsumedRecord): PublishRecord => ({
  topic: desiredTopic,
  key: key as Buffer,
  value: value as Buffer,
  headers,
});

afterEach(() => {
  vi.useRealTimers();
});

describe.each(places)('settings in %s', (place) => {
  test('settings count with the signature of a trusted key, however old it is', async () => {
    const { open } = createWorld(place);
    const writer = await open({ sign });
    const reader = await open({ signatures });
    await writer.pushSettings('d1', { led: 1 });
    await writer.pushSettings('d1', { rate: 2 });
    await expect.poll(() => reader.getSettings('d1')?.desired).toEqual({ led: 1, rate: 2 });
    const late = await open({ signatures });
    expect(late.getSettings('d1')?.desired).toEqual({ led: 1, rate: 2 });
    expect(late.status().signatures).toMatchObject({ verified: 2, unsigned: 0 });
  });

  test('with enforce, no other record counts, nor do copies; each is counted by its reason', async () => {
    const world = createWorld(place);
    const writer = await world.open({ sign });
    const reader = await world.open({ signatures });
    await writer.pushSettings('d1', { led: 1 });
    await writer.pushSettings('d1', { led: 2 });
    const [first, second] = world.broker.records(desiredTopic) as [ConsumedRecord, ConsumedRecord];
    const { headers } = second;
    const forged: readonly PublishRecord[] = [
      document('d1', { led: 6 }, 1),
      { ...document('d1', { led: 6 }, 1), headers },
      signAs(stranger)(document('d1', { led: 6 }, 1), terms),
      signAs(lamps)(document('d1', { door: 6 }, 1), terms),
      signAs(app)(document('lamp', { led: 6 }), terms),
      sign(document('d1', { led: 6 }, 1), { kind: 'command', id: 'r1' }),
      { ...copyOf(second), key: 'd2' },
      sign({ ...document('d1', { led: 6 }, 1), topic: 'other' }, terms),
      sign(document('d1', { led: 6 }, Number.NaN), terms),
      sign(document('d1', { led: 6 }, 1_000), terms),
    ];
    for (const record of forged) await world.publish({ ...record, topic: desiredTopic });
    await world.writeTombstone('d1');
    // Genuine, and older than what counts.
    await world.publish(copyOf(first));
    const counts = { verified: 3, unsigned: 2, 'wrong-key': 2, replayed: 4, 'not-allowed': 2 };
    await expect.poll(() => reader.status().signatures).toEqual(counts);
    for (const { getSettings } of [reader, await world.open({ signatures })]) {
      expect(getSettings('d1')).toMatchObject({ desired: { led: 2 }, desiredVersion: second.offset });
      expect(getSettings('lamp')).toBeUndefined();
      expect(getSettings('d2')).toBeUndefined();
    }
  });

  test('settings that were replaced by nothing do not come back with a copy', async () => {
    const world = createWorld(place);
    const settings = await world.open({ sign, signatures });
    await settings.pushSettings('d1', { led: 1 });
    const { version } = await settings.pushSettings('d1', {}, { replaces: true });
    const [first] = world.broker.records(desiredTopic) as [ConsumedRecord];
    await world.publish(copyOf(first));
    await expect.poll(() => settings.status().signatures.verified).toBe(3);
    expect(settings.getSettings('d1')).toMatchObject({ desired: {}, desiredVersion: version });
  });

  test('with report, all count, and what would be refused is logged', async () => {
    const world = createWorld(place);
    const warnings: string[] = [];
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (facts: object, message: string) => warnings.push(`${message}: ${JSON.stringify(facts)}`),
    };
    const reader = await world.open({ signatures: { verifier, mode: 'report' }, logger });
    const writer = await world.open();
    await writer.pushSettings('d1', { led: 1 });
    await expect.poll(() => reader.getSettings('d1')?.desired).toEqual({ led: 1 });
    expect(reader.status().signatures).toMatchObject({ verified: 0, unsigned: 1 });
    expect(warnings).toEqual([
      expect.stringMatching(/would be refused for its signature: .*"d1".*"unsigned"/),
    ]);
  });

  test('a push whose signature would be refused is rejected, and nothing is written', async () => {
    const world = createWorld(place);
    const rejects = async (options: Parameters<typeof world.open>[0], message: string, deviceId = 'd1') => {
      const settings = await world.open({ signatures, ...options });
      await expect(settings.pushSettings(deviceId, { door: 1 })).rejects.toMatchObject({
        code: 'AUTHORIZATION_FAILED',
        message: expect.stringContaining(message),
      });
    };
    await rejects({}, '(unsigned): the record has no header "signature"');
    await rejects({ sign: signAs(stranger) }, '(wrong-key): the key "stranger-1" is unknown');
    await rejects({ sign: signAs(lamps) }, '(not-allowed): key "lamps" may not push this');
    await rejects({ sign }, 'is not for the device "lamp"', 'lamp');
    expect(world.read()).toEqual([]);
  });

  test('the service signs settings; without a version they do not count where signatures are required', async () => {
    const world = createWorld(place);
    const reader = await world.open({ signatures });
    const service = createPusherService({ backend: world.backend, sign });
    await service.pushSettings('d1', { led: 1 });
    await expect.poll(() => reader.status().signatures.replayed).toBe(1);
    expect(reader.getSettings('d1')).toBeUndefined();
  });

  test('a refused record that is the newest one is followed by the settings that count, signed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const world = createWorld(place);
    const settings = await world.open({ sign, signatures });
    await settings.pushSettings('d1', { led: 1 });
    const watcher = await world.open({ signatures });
    await world.publish(document('d1', { led: 6 }, 0));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.read()).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(world.read().slice(2)).toMatchObject([{ settings: { led: 1 }, baseVersion: 0 }]);
    expect(watcher.getSettings('d1')).toMatchObject({ desired: { led: 1 }, desiredVersion: 2 });
  });

  test('no program signs again settings that it would refuse', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const world = createWorld(place);
    await world.open({ sign, signatures: { verifier, mode: 'report' } });
    await world.publish(document('d1', { led: 6 }));
    await world.publish(document('d1', { led: 7 }));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(world.read()).toHaveLength(2);
  });
});
