import { CapabilityError, createTopicPolicy } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createWorld } from '../test/world.js';

test('a push is a merge patch on what is desired', async () => {
  const settings = await createWorld().open();
  const first = await settings.pushSettings('d1', { led: { color: 'red', on: true }, rate: 5 });
  const second = await settings.pushSettings('d1', { led: { color: 'blue' }, rate: null });
  expect(second.desired).toEqual({ led: { color: 'blue', on: true } });
  expect(second.version).toBeGreaterThan(first.version);
  expect(settings.getSettings('d1')).toMatchObject({
    desired: { led: { color: 'blue', on: true } },
    desiredVersion: second.version,
  });
  expect(settings.getSettings('d2')).toBeUndefined();
});

test('each record has all that is desired, and from which version it was made', async () => {
  const { open, read } = createWorld();
  const settings = await open({ clock: () => Date.parse('2026-01-31T12:00:00Z') });
  const { version } = await settings.pushSettings('d1', { a: 1 }, { requestId: 'r1' });
  await settings.pushSettings('d1', { b: new Uint8Array([0xca, 0xfe]) }, { requestId: 'r2' });
  expect(read()).toEqual([
    expect.objectContaining({ requestId: 'r1', settings: { a: 1 }, baseVersion: -1 }),
    {
      requestId: 'r2',
      timestamp: new Date('2026-01-31T12:00:00Z'),
      deviceId: 'd1',
      settings: { a: 1, b: 'cafe' },
      metadata: {},
      baseVersion: version,
    },
  ]);
});

test('protocol and metadata stay until a push names others', async () => {
  const settings = await createWorld().open();
  await settings.pushSettings('d1', { a: 1 });
  expect(settings.getSettings('d1')).toMatchObject({ protocol: 'mqtt', metadata: {} });
  await settings.pushSettings('d1', { a: 2 }, { protocol: 'CoAP' as 'coap', metadata: { path: '/c' } });
  await settings.pushSettings('d1', { a: 3 });
  expect(settings.getSettings('d1')).toMatchObject({ protocol: 'coap', metadata: { path: '/c' } });
});

test('the patches of many that push at the same time are all in the settings', async () => {
  const { open } = createWorld();
  const processes = await Promise.all([open(), open(), open()]);
  const keys = Array.from({ length: 60 }, (_, index) => `key ${index}`);
  await Promise.all(keys.map((key, index) => processes[index % 3]?.pushSettings('d1', { [key]: index })));
  const expected = Object.fromEntries(keys.map((key, index) => [key, index]));
  const late = await open();
  expect(late.getSettings('d1')?.desired).toEqual(expected);
  await expect
    .poll(() => processes.map((each) => each.getSettings('d1')))
    .toEqual(processes.map(() => late.getSettings('d1')));
});

test('a counter that is changed by its version loses no count, and a late writer gets a conflict', async () => {
  const { open } = createWorld();
  const processes = await Promise.all([open(), open()]);
  let counted = 0;
  let refused = 0;

  async function count(index: number): Promise<void> {
    const settings = processes[index % 2];
    const { desiredVersion = -1, desired = {} } = settings?.getSettings('d1') ?? {};
    const patch = { count: Number(desired.count ?? 0) + 1 };
    try {
      await settings?.pushSettings('d1', patch, { ifVersion: desiredVersion });
      counted += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'SETTINGS_CONFLICT', deviceId: 'd1' });
      refused += 1;
    }
  }

  for (let round = 0; round < 30; round++) await Promise.all([0, 1, 2].map(count));
  const late = await open();
  expect(late.getSettings('d1')?.desired).toEqual({ count: counted });
  expect(counted + refused).toBe(90);
});

test('a push for a version that is not the current one changes nothing, and says what is current', async () => {
  const settings = await createWorld().open();
  const first = await settings.pushSettings('d1', { a: 1 }, { ifVersion: -1 });
  const second = await settings.pushSettings('d1', { a: 2 }, { ifVersion: first.version });
  for (const ifVersion of [-1, first.version, second.version + 1]) {
    await expect(settings.pushSettings('d1', { a: 3 }, { ifVersion })).rejects.toMatchObject({
      code: 'SETTINGS_CONFLICT',
      deviceId: 'd1',
      version: second.version,
      settings: { a: 2 },
    });
  }
  expect(settings.getSettings('d1')).toMatchObject({ desired: { a: 2 }, desiredVersion: second.version });
});

test('a push for a version that only another process has seen waits for it', async () => {
  const { open } = createWorld();
  const [one, other] = [await open(), await open()];
  let version = -1;
  for (let count = 0; count < 20; count++) {
    const settings = count % 2 === 0 ? one : other;
    ({ version } = await settings.pushSettings('d1', { count }, { ifVersion: version }));
  }
  expect(one.getSettings('d1')?.desired).toEqual({ count: 19 });
});

test('what other programs write replaces everything, and is changed from there', async () => {
  const { open, service } = createWorld();
  const settings = await open();
  await settings.pushSettings('d1', { a: 1, b: 1 }, { protocol: 'coap' });
  await service.pushSettings('d1', { c: 1 });
  const { desired } = await settings.pushSettings('d1', { d: 1 });
  expect(desired).toEqual({ c: 1, d: 1 });
});

test('a push that is repeated with its request id is not in conflict with itself', async () => {
  const settings = await createWorld().open();
  const push = () => settings.pushSettings('d1', { a: 1 }, { ifVersion: -1, requestId: 'r1' });
  const first = await push();
  expect(await push()).toEqual(first);
  await settings.pushSettings('d1', { a: 2 });
  await expect(push()).rejects.toMatchObject({ code: 'SETTINGS_CONFLICT' });
});

test('settings that were deleted begin anew', async () => {
  const { open, writeTombstone } = createWorld();
  const settings = await open();
  await settings.pushSettings('d1', { a: 1 });
  const changes = settings.watchSettings();
  await writeTombstone('d1');
  expect((await changes.next()).value).toMatchObject({
    deviceId: 'd1',
    desired: {},
    desiredVersion: undefined,
  });
  expect(settings.getSettings('d1')).toBeUndefined();
  await settings.pushSettings('d1', { b: 1 }, { ifVersion: -1 });
  const late = await open();
  expect(late.getSettings('d1')?.desired).toEqual({ b: 1 });
});

test('what cannot be written is refused before anything is', async () => {
  const { open, read } = createWorld();
  const settings = await open();
  await expect(settings.pushSettings('', {})).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  await expect(settings.pushSettings('d1', { a: Number.NaN })).rejects.toThrow('settings.a: NaN');
  await expect(settings.pushSettings('d1', {}, { ifVersion: 0.5 })).rejects.toThrow(
    'ifVersion: is 0.5; give a version, or -1 for "no settings yet"',
  );
  expect(read()).toEqual([]);
});

test('what a device cannot do is refused, of the settings as they would be', async () => {
  const { open, read } = createWorld();
  const settings = await open({
    capabilities: {
      checkSettings: ({ deviceId, settings: { a, b } }) =>
        a !== undefined && b !== undefined ? new CapabilityError(deviceId, []) : undefined,
    },
  });
  await settings.pushSettings('d1', { a: 1 });
  await expect(settings.pushSettings('d1', { b: 1 })).rejects.toMatchObject({ code: 'CAPABILITY_MISMATCH' });
  await settings.pushSettings('d1', { a: null, b: 1 });
  expect(read()).toHaveLength(2);
});

test('settings over MQTT for a device whose id cannot stand in a topic are refused', async () => {
  const filledTopics = { settingsTopicTemplate: 'devices/{deviceId}/settings' };
  const settings = await createWorld().open({ topicPolicy: createTopicPolicy({ filledTopics }) });
  for (const deviceId of ['living_room/lamp', 'a+', '#']) {
    await expect(settings.pushSettings(deviceId, { a: 1 })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: 'deviceId' }],
    });
    await settings.pushSettings(deviceId, { a: 1 }, { protocol: 'coap' });
    await settings.pushSettings(deviceId, { a: 2 });
  }
});
