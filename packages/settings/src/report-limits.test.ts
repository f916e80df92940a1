import type { PublisherBackend } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { BackendUnavailableError } from '@preservarium/core';
import { afterEach, expect, test, vi } from 'vitest';
import { createWorld, reportedTopic } from '../test/world.js';
import { createSettings } from './index.js';

afterEach(() => {
  vi.useRealTimers();
});

type World = ReturnType<typeof createWorld>;

const writtenBytes = ({ broker }: World) =>
  broker.records(reportedTopic).reduce((bytes, { value }) => bytes + (value?.length ?? 0), 0);

test('a device is refused unless something is desired of it, or it is known', async () => {
  const { open, read } = createWorld();
  const settings = await open({ knowsDevice: (deviceId) => deviceId === 'known' });
  const refused = { kind: 'refused', reason: expect.stringContaining('not of a known type') };
  expect(await settings.reportSettings('made up', { a: 1 })).toEqual(refused);
  expect(await settings.reportSettings('known', { a: 1 })).toMatchObject({ kind: 'kept' });
  await settings.pushSettings('desired', { a: 1 });
  expect(await settings.reportSettings('desired', { a: 1 })).toMatchObject({ kind: 'kept' });
  expect(read(reportedTopic).map((document) => document?.deviceId)).toEqual(['known', 'desired']);
  expect(settings.status()).toMatchObject({ devices: 2, refusedReports: 1 });
});

test('without knowsDevice, or where that throws, no device is known', async () => {
  const { open } = createWorld();
  const knowsDevice = () => {
    throw new Error('broken');
  };
  for (const settings of [
    await open({ knowsDevice }),
    await createSettings({ backend: createMemoryBackend() }),
  ]) {
    expect(await settings.reportSettings('d1', { a: 1 })).toMatchObject({ kind: 'refused' });
    await settings.close();
  }
});

test('100,000 reports of made-up devices write nothing, keep nothing, and are logged once', async () => {
  const { open, read } = createWorld();
  const logged: [object, string][] = [];
  const warn = (fields: object, message: string) => logged.push([fields, message]);
  const settings = await open({ logger: { debug() {}, info() {}, error() {}, warn } });
  for (let count = 0; count < 100_000; count++) {
    await settings.reportSettings(`made up ${count} ${'x'.repeat(200)}`, { a: 1 });
  }
  expect(read(reportedTopic)).toEqual([]);
  expect(settings.status()).toMatchObject({ devices: 0, refusedReports: 100_000 });
  expect(logged).toHaveLength(1);
  expect(JSON.stringify(logged).length).toBeLessThan(500);
});

test('a document that would be too large is refused, and can still be made smaller', async () => {
  const { open, writeReported } = createWorld();
  const settings = await open({ limits: { maxDocumentBytes: 1_000 } });
  const refused = { kind: 'refused', reason: expect.stringMatching(/1000 bytes.*remove keys with null/) };
  expect(await settings.reportSettings('d1', { a: 'x'.repeat(900) })).toMatchObject({ kind: 'kept' });
  expect(await settings.reportSettings('d1', { b: 'x'.repeat(100) })).toEqual(refused);
  expect(await settings.reportSettings('d1', { a: null, b: 'x'.repeat(100) })).toMatchObject({
    kind: 'kept',
  });
  await writeReported('d2', { a: 'x'.repeat(3_000), b: 'x'.repeat(3_000) });
  await expect.poll(() => settings.getSettings('d2')).toBeDefined();
  expect(await settings.reportSettings('d2', { c: 1 })).toEqual(refused);
  expect(await settings.reportSettings('d2', { a: null })).toMatchObject({ kind: 'kept' });
});

test('what is desired is bounded too, before anything is written', async () => {
  const { open, read } = createWorld();
  const settings = await open();
  await settings.pushSettings('d1', { a: 'x'.repeat(16_000) });
  await expect(settings.pushSettings('d1', { b: 'x'.repeat(1_000) })).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    maxBytes: 16_384,
  });
  expect(read()).toHaveLength(1);
});

test('1,000 reports at once become a few records with all values; those that wait are 16 at most', async () => {
  const world = createWorld();
  const settings = await world.open();
  const reports = Array.from({ length: 1_000 }, (_, count) =>
    settings.reportSettings('d1', { [`key ${count % 100}`]: count }),
  );
  const outcomes = await Promise.all(reports);
  const kept = outcomes.filter(({ kind }) => kind === 'kept').length;
  expect(kept).toBeGreaterThan(0);
  expect(outcomes.filter(({ kind }) => kind === 'later')).toHaveLength(1_000 - kept);
  const newest = Object.fromEntries(Array.from({ length: 100 }, (_, key) => [`key ${key}`, 900 + key]));
  await expect.poll(() => settings.getSettings('d1')?.reported).toEqual(newest);
  expect(world.read(reportedTopic).length).toBeLessThan(10);
  expect(settings.status().deferredReports).toBe(1_000 - kept);
});

test('toggling a large document for an hour writes no more than the budget, and its last value', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const world = createWorld();
  const settings = await world.open();
  await settings.reportSettings('d1', { filler: 'x'.repeat(16_000) });
  let last: boolean | undefined;
  for (let second = 0; second < 3_600; second++) {
    for (const on of [true, false, second % 3 === 0]) {
      void settings.reportSettings('d1', { on });
      last = on;
    }
    await vi.advanceTimersByTimeAsync(1_000);
  }
  await vi.advanceTimersByTimeAsync(60_000);
  expect(settings.getSettings('d1')?.reported.on).toBe(last);
  expect(writtenBytes(world)).toBeLessThan(3_660 * 4_096 + 5 * 16_384);
});

test('a device over its budget holds up no other device', async () => {
  const settings = await createWorld().open({
    limits: { maxDocumentBytes: 1_000, reportedBytesPerSecond: 1 },
  });
  const filler = 'x'.repeat(900);
  for (let count = 0; count < 4; count++) await settings.reportSettings('busy', { filler, count });
  const waiting = settings.reportSettings('busy', { count: -1 }, { timeoutMs: 200 });
  expect(await settings.reportSettings('other', { a: 1 })).toMatchObject({ kind: 'kept' });
  await expect(waiting).rejects.toMatchObject({ code: 'PUBLISH_TIMED_OUT' });
});

/** A Kafka that does not take records until `isBack`. */
function createBackendThatIsAway(state: { isBack: boolean }) {
  const backend = createMemoryBackend();
  const publish: PublisherBackend['publish'] = async (records, options) =>
    state.isBack
      ? backend.publish(records, options)
      : [{ ok: false, error: new BackendUnavailableError('down') }];
  return { ...backend, publish };
}

test('reports wait for Kafka in their order, also those that come in meanwhile and those nobody waits for', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const state = { isBack: false };
  await using settings = await createSettings({
    backend: createBackendThatIsAway(state),
    knowsDevice: () => true,
  });
  const first = settings.reportSettings('d1', { a: 1, b: { c: 1 } });
  const given = settings.reportSettings('d1', { a: 2 }, { timeoutMs: 1_500 });
  const expected = expect(given).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  await vi.advanceTimersByTimeAsync(5_000);
  await expected;
  const replaced = settings.reportSettings('d1', { b: 1 });
  const last = settings.reportSettings('d1', { b: { d: 1 } });
  state.isBack = true;
  await vi.advanceTimersByTimeAsync(5_000);
  const reported = { a: 2, b: { d: 1 } };
  for (const report of [first, replaced, last])
    expect(await report).toMatchObject({ kind: 'kept', reported });
});
