import { silentLogger } from '@preservarium/backend';
import { expect, onTestFinished, test } from 'vitest';
import { createLimitedDisk } from '../test/limited-disk.js';
import { createStateDir, createWorld } from '../test/world.js';

const text = 'x'.repeat(8_000);
const deviceIds = Array.from({ length: 100 }, (_, number) => `d${number}`);

test('while the disk is full, reading waits; with room it goes on, and nothing is missing', async () => {
  const disk = createLimitedDisk(80);
  onTestFinished(() => disk[Symbol.dispose]());
  const { open, service } = createWorld();
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => errors.push(message) };
  const settings = await open({ stateDir: createStateDir(), logger });
  await Promise.all(deviceIds.map((deviceId) => service.pushSettings(deviceId, { text })));
  await expect.poll(() => errors).toContain('the disk is full: reading settings waits for free space');
  expect(settings.status().devices).toBeLessThan(100);
  disk.resize(10_000);
  await expect.poll(() => settings.status().devices, { timeout: 10_000 }).toBe(100);
  for (const deviceId of deviceIds) expect(settings.getSettings(deviceId)?.desired).toEqual({ text });
  await settings.pushSettings('d1', { text: null });
  expect(settings.getSettings('d1')?.desired).toEqual({});
});

test('closing does not wait for free space', async () => {
  const disk = createLimitedDisk(80);
  onTestFinished(() => disk[Symbol.dispose]());
  const { open, service } = createWorld();
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => errors.push(message) };
  const stateDir = createStateDir();
  const settings = await open({ stateDir, logger });
  await Promise.all(deviceIds.map((deviceId) => service.pushSettings(deviceId, { text })));
  await expect.poll(() => errors).not.toEqual([]);
  await settings.close();
  disk.resize(10_000);
  const next = await open({ stateDir, logger });
  expect(next.status().devices).toBe(100);
});
