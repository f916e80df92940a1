import { expect, test } from 'vitest';
import { createWorld } from '../test/world.js';

test('of one device: what is known, then each change of either side', async () => {
  const settings = await createWorld().open();
  await settings.pushSettings('d1', { a: 1 });
  const changes = settings.watchSettings({ deviceId: 'd1' });
  await settings.pushSettings('d2', { a: 1 });
  await settings.reportSettings('d1', { a: 1 });
  await settings.pushSettings('d1', { a: 2 });
  const seen = [await changes.next(), await changes.next(), await changes.next()].map(({ value }) => value);
  expect(seen).toMatchObject([
    { deviceId: 'd1', desired: { a: 1 }, reported: {} },
    { deviceId: 'd1', desired: { a: 1 }, reported: { a: 1 } },
    { deviceId: 'd1', desired: { a: 2 }, reported: { a: 1 } },
  ]);
});

test('of all devices: what changes from now on, also what other processes change', async () => {
  const { open, service } = createWorld();
  const settings = await open();
  await settings.pushSettings('d1', { a: 1 });
  const changes = settings.watchSettings();
  await service.pushSettings('d2', { b: 1 });
  expect((await changes.next()).value).toMatchObject({ deviceId: 'd2', desired: { b: 1 } });
});

test('a change that does not count is not told', async () => {
  const { open, write } = createWorld();
  const settings = await open();
  await settings.pushSettings('d1', { a: 1 });
  await settings.pushSettings('d1', { a: 2 });
  const changes = settings.watchSettings();
  await write({ deviceId: 'd1', settings: { a: 3 }, baseVersion: -1 });
  await settings.pushSettings('d1', { a: 4 });
  expect((await changes.next()).value).toMatchObject({ desired: { a: 4 } });
});

test('iterations end with return, with their signal, and when the settings are closed', async () => {
  const settings = await createWorld().open();
  const controller = new AbortController();
  const { signal } = controller;
  const returned = settings.watchSettings();
  const readers = [returned, settings.watchSettings({ signal }), settings.watchSettings({ deviceId: 'd1' })];
  const pending = readers.map((reader) => reader.next());
  await returned.return?.();
  controller.abort();
  await settings.close();
  expect(await Promise.all(pending)).toEqual(Array(3).fill({ done: true, value: undefined }));
});

test('a reader that falls too far behind gets what it has room for, then an error', async () => {
  const { open, service } = createWorld();
  const settings = await open();
  const slow = settings.watchSettings();
  await Promise.all(Array.from({ length: 10_001 }, (_, index) => service.pushSettings(`d${index}`, {})));
  await expect.poll(() => settings.status().devices).toBe(10_001);
  let read = 0;
  await expect(
    (async () => {
      for await (const _ of slow) read += 1;
    })(),
  ).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  expect(read).toBe(10_000);
});

test('a reader of large settings gets what it has room for, then an error', async () => {
  const { open, service } = createWorld();
  const settings = await open();
  const slow = settings.watchSettings();
  const hue = 'x'.repeat(900_000);
  for (let version = 0; version < 60; version++) await service.pushSettings('d1', { hue, version });
  await expect.poll(() => settings.getSettings('d1')?.desired.version).toBe(59);
  await settings.close();
  let read = 0;
  await expect(
    (async () => {
      for await (const _ of slow) read += 1;
    })(),
  ).rejects.toThrow('limit of unread changes of settings reached (67108864 bytes)');
  // The text is in the desired settings and in the difference.
  expect(read).toBe(37);
});

test('a listener hears of each change at once, until it is taken away; one that fails harms nobody', async () => {
  const { open } = createWorld();
  const logged: unknown[] = [];
  const log = () => {};
  const error = (fields: object) => logged.push(fields);
  const settings = await open({ logger: { debug: log, info: log, warn: log, error } });
  const heard: unknown[] = [];
  settings.onChange(() => {
    throw new Error('broken');
  });
  const stop = settings.onChange(({ desired }) => heard.push(desired));
  await settings.pushSettings('d1', { a: 1 });
  expect(heard).toEqual([{ a: 1 }]);
  stop();
  await settings.pushSettings('d1', { a: 2 });
  expect(heard).toEqual([{ a: 1 }]);
  expect(logged).toHaveLength(2);
});
