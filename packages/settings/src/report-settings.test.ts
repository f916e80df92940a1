import { expect, test } from 'vitest';
import { createWorld, reportedTopic } from '../test/world.js';

test('what a device reports is merged, and makes the difference smaller', async () => {
  const settings = await createWorld().open();
  await settings.pushSettings('d1', { led: { color: 'blue', on: true }, rate: 5 });
  const report = { led: { color: 'red', on: true }, battery: 90 };
  const { version } = { version: -1, ...(await settings.reportSettings('d1', report)) };
  expect(settings.getSettings('d1')).toMatchObject({
    reported: { led: { color: 'red', on: true }, battery: 90 },
    reportedVersion: version,
    difference: { led: { color: 'blue' }, rate: 5 },
  });
  await settings.reportSettings('d1', { led: { color: 'blue' }, rate: 5 });
  expect(settings.getSettings('d1')?.difference).toEqual({});
});

test('a report that changes nothing writes nothing', async () => {
  const { open, read } = createWorld();
  const settings = await open();
  expect(await settings.reportSettings('d1', { a: null })).toEqual({
    kind: 'kept',
    version: -1,
    reported: {},
  });
  const first = await settings.reportSettings('d1', { a: { b: [1, 2] } });
  expect(await settings.reportSettings('d1', { a: { b: [1, 2], c: null } })).toEqual(first);
  expect(read(reportedTopic)).toHaveLength(1);
});

test('reports of several processes are all in what is reported', async () => {
  const { open } = createWorld();
  const processes = await Promise.all([open(), open()]);
  const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
  await Promise.all(keys.map((key, index) => processes[index % 2]?.reportSettings('d1', { [key]: index })));
  const late = await open();
  expect(Object.keys(late.getSettings('d1')?.reported ?? {})).toEqual(expect.arrayContaining(keys));
});

test('devices that lack something are found, others are not', async () => {
  const settings = await createWorld().open();
  await settings.pushSettings('lacks all', { a: 1 });
  await settings.pushSettings('lacks some', { a: 1, b: 1 });
  await settings.reportSettings('lacks some', { a: 1 });
  await settings.pushSettings('has all', { a: 1 });
  await settings.reportSettings('has all', { a: 1, more: 1 });
  await settings.reportSettings('nothing desired', { a: 1 });
  expect([...settings.outOfSync()].map(({ deviceId }) => deviceId)).toEqual(['lacks all', 'lacks some']);
});
