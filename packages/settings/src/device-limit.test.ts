import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createStateDir, createWorld, places } from '../test/world.js';

const limits = { maxDevices: 2 };

describe.each(places)('settings in %s', (place) => {
  test('beyond maxDevices known devices go on, and readers start', async () => {
    const { open, service } = createWorld(place);
    const settings = await open({ limits });
    await settings.pushSettings('d1', { a: 1 });
    await settings.pushSettings('d2', { a: 1 });
    await service.pushSettings('d3', { a: 1 });
    for (const reader of [settings, await open({ limits })]) {
      const kept = ['d1', 'd2', 'd3'].filter((deviceId) => reader.getSettings(deviceId) !== undefined);
      expect(kept).toHaveLength(2);
      const [known = ''] = kept;
      await reader.pushSettings(known, { b: 1 });
      expect(await reader.reportSettings(known, { b: 1 })).toMatchObject({ kind: 'kept' });
      expect(reader.status().devicesNotKept).toBeGreaterThan(0);
    }
  });

  test('a device beyond the limit is refused with what to do', async () => {
    const { open } = createWorld(place);
    const settings = await open({ limits, knowsDevice: () => true });
    await settings.pushSettings('d1', {});
    await settings.pushSettings('d2', {});
    await expect(settings.pushSettings('d3', {})).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('limits.maxDevices'),
    });
    expect(await settings.reportSettings('d3', { a: 1 })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('limits.maxDevices'),
    });
  });

  test('a device that only reports makes room for one of which something is desired', async () => {
    const { open, service, writeReported } = createWorld(place);
    for (const deviceId of ['made up 1', 'made up 2', 'made up 3']) await writeReported(deviceId, { a: 1 });
    const settings = await open({ limits });
    await service.pushSettings('d1', { a: 1 });
    await service.pushSettings('d2', { a: 1 });
    await expect.poll(() => [...settings.outOfSync()].map(({ deviceId }) => deviceId)).toEqual(['d1', 'd2']);
    expect(settings.status()).toMatchObject({ devices: 2, devicesNotKept: 3 });
    const late = await open({ limits });
    expect([...late.outOfSync()].map(({ deviceId }) => deviceId)).toEqual(['d1', 'd2']);
  });

  test('reports of a device that was not kept replace what it had reported, and all readers agree', async () => {
    const { open, writeReported, writeTombstone } = createWorld(place);
    const settings = await open({ limits, knowsDevice: () => true });
    await settings.pushSettings('d1', {});
    await settings.pushSettings('d2', {});
    await writeReported('d3', { a: 1 });
    await writeTombstone('d2');
    await expect.poll(() => settings.getSettings('d2')).toBeUndefined();
    await settings.reportSettings('d3', { b: 1 });
    for (const reader of [settings, await open()])
      expect(reader.getSettings('d3')?.reported).toEqual({ b: 1 });
  });
});

test('at maxStoreBytes of the file, known devices go on, and new ones are not kept and refused with what to do', async () => {
  const { open, service } = createWorld();
  const [stateDir, maxStoreBytes] = [createStateDir(), 200_000];
  const settings = await open({ stateDir, limits: { maxStoreBytes } });
  const text = 'x'.repeat(8_000);
  for (let number = 0; number < 50; number += 1) await service.pushSettings(`d${number}`, { text });
  await expect.poll(() => settings.status().devicesNotKept).toBeGreaterThan(20);
  expect(settings.status().devices).toBeGreaterThan(10);
  expect(statSync(join(stateDir, 'settings.db')).size).toBeLessThan(maxStoreBytes + 50_000);
  await settings.pushSettings('d1', { text: 'y' });
  expect(settings.getSettings('d1')?.desired).toEqual({ text: 'y' });
  await expect(settings.pushSettings('d50', { text })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining(`limits.maxStoreBytes = ${maxStoreBytes}`),
  });
  expect(await settings.reportSettings('d50', { text })).toMatchObject({ kind: 'refused' });
});

test('with a higher maxStoreBytes, the next start keeps the devices that were left out', async () => {
  const { open, service } = createWorld();
  const stateDir = createStateDir();
  const text = 'x'.repeat(8_000);
  for (let number = 0; number < 50; number += 1) await service.pushSettings(`d${number}`, { text });
  const before = await open({ stateDir, limits: { maxStoreBytes: 200_000 } });
  expect(before.status().devices).toBeLessThan(50);
  await before.close();
  const settings = await open({ stateDir, limits: { maxStoreBytes: 2_000_000 } });
  expect(settings.status()).toMatchObject({ devices: 50, devicesNotKept: 0 });
});
