import type { Backend, ConsumedRecord } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { expect, test } from 'vitest';
import { createWorld, desiredTopic, places, reportedTopic } from '../test/world.js';
import { createSettings, type SettingsOptions } from './index.js';

test('it begins with what is in the topics', async () => {
  const { open, service } = createWorld();
  await service.pushSettings('d1', { a: 1 });
  const before = await open();
  await before.reportSettings('d2', { b: 1 });
  await before.close();
  const settings = await open();
  expect(settings.getSettings('d1')?.desired).toEqual({ a: 1 });
  expect(settings.getSettings('d2')?.reported).toEqual({ b: 1 });
});

test.each(places)(
  'the event loop goes on while settings are read into %s that came together',
  async (place) => {
    const { open, append, backend } = createWorld(place);
    const value = Buffer.from('{"device_id":"d1","settings":{}}');
    for (let written = 0; written < 450; written++) append(Buffer.from('d1'), value);
    const turnsOfCalls: number[] = [];
    await open({
      backend: {
        ...backend,
        subscribe: (options) =>
          backend.subscribe({
            ...options,
            async onRecords(records) {
              let turns = 0;
              let isReading = true;
              (function count() {
                setImmediate(() => {
                  turns += 1;
                  if (isReading) count();
                });
              })();
              await options.onRecords(records);
              isReading = false;
              turnsOfCalls.push(turns);
            },
          }),
      },
    });
    expect(turnsOfCalls).toEqual([2]);
  },
);

test('topics that are missing are created, with as many partitions as that of commands', async () => {
  const backend = createMemoryBackend({ autoCreateTopics: false });
  await backend.createTopic({ topic: 'device_commands', partitions: 7 });
  await backend.createTopic({ topic: 'wanted', partitions: 3 });
  await using settings = await createSettings({ backend, settingsTopic: 'wanted' });
  expect(await backend.listTopics()).toEqual([
    { topic: 'device_commands', partitions: 7 },
    { topic: reportedTopic, partitions: 7 },
    { topic: 'wanted', partitions: 3 },
  ]);
  await settings.pushSettings('d1', { a: 1 });
});

test.each<[string, Partial<SettingsOptions>]>([
  ['limits.maxDevices', { limits: { maxDevices: 0 } }],
  ['limits.maxStoreBytes', { limits: { maxStoreBytes: 0 } }],
  ['limits.maxDocumentBytes', { limits: { maxDocumentBytes: 1.5 } }],
  ['limits.reportedBytesPerSecond', { limits: { reportedBytesPerSecond: 0 } }],
  ['timeoutMs', { timeoutMs: -1 }],
])('%s that cannot work is refused', async (name, options) => {
  const { open } = createWorld();
  const message = expect.stringContaining(`${name}: `);
  await expect(open(options)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', message });
});

test('the client fetches no more than a MiB ahead, so that a first start needs little memory', async () => {
  const { open, backend } = createWorld();
  const asked: (number | undefined)[] = [];
  await open({
    backend: {
      ...backend,
      subscribe(options) {
        asked.push(options.maxFetchBytes);
        return backend.subscribe(options);
      },
    },
  });
  expect(asked).toEqual([1_048_576]);
});

test('the two topics must not be one', async () => {
  const { open } = createWorld();
  await expect(open({ settingsTopic: 'one', reportedTopic: 'one' })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: 'settingsTopic and reportedTopic are both "one"; give each a topic of its own',
  });
});

test('after close every call fails, and so do the calls in flight', async () => {
  const { open } = createWorld();
  const settings = await open();
  const pushing = Promise.allSettled([
    settings.pushSettings('d1', { a: 1 }),
    settings.pushSettings('d1', { a: 2 }),
  ]);
  await settings.close();
  const closed = { status: 'rejected', reason: { code: 'CLOSED' } };
  expect(await pushing).toMatchObject([closed, closed]);
  const error = expect.objectContaining({ code: 'CLOSED' });
  expect(() => settings.outOfSync()).toThrow(error);
  expect(() => settings.watchSettings()).toThrow(error);
  expect(() => settings.onChange(() => {})).toThrow(error);
  await expect(settings.reportSettings('d1', {})).rejects.toEqual(error);
  await settings.closed;
});

test('a client that begins anew hands records over again; they are taken once', async () => {
  const memory = createMemoryBackend();
  const handed: ConsumedRecord[] = [];
  const backend: Backend = {
    ...memory,
    subscribe: (options) =>
      memory.subscribe({
        ...options,
        async onRecords(records) {
          handed.push(...records);
          const partition = records[0]?.partition;
          await options.onRecords(records);
          await options.onRecords(handed.filter((record) => record.partition === partition));
        },
      }),
  };
  await using settings = await createSettings({ backend });
  const heard: unknown[] = [];
  settings.onChange(({ desired }) => heard.push(desired));
  await settings.pushSettings('d1', { a: 1 });
  await settings.pushSettings('d1', { a: 2 });
  expect(heard).toEqual([{ a: 1 }, { a: 2 }]);
});

test('it ends with its backend', async () => {
  const backend = createMemoryBackend();
  const settings = await createSettings({ backend });
  const changes = settings.watchSettings();
  await backend.close({ timeoutMs: 1_000 });
  await settings.closed;
  expect(await changes.next()).toEqual({ done: true, value: undefined });
  expect(() => settings.getSettings('d1')).toThrow(expect.objectContaining({ code: 'CLOSED' }));
});

/** A Kafka that takes records, and from some moment hands none over. */
function createSilentBackend() {
  const backend = createMemoryBackend();
  let silent = false;
  const silenced: Backend = {
    ...backend,
    subscribe: (options) =>
      backend.subscribe({
        ...options,
        onRecords: (records) => (silent ? new Promise(() => {}) : options.onRecords(records)),
      }),
  };
  return {
    backend: silenced,
    silence() {
      silent = true;
    },
  };
}

test('a push whose verdict does not come ends at its deadline or with its signal, and lets the next one try', async () => {
  const { backend, silence } = createSilentBackend();
  const settings = await createSettings({ backend });
  await settings.pushSettings('d1', { a: 1 });
  silence();
  const late = settings.pushSettings('d1', { a: 2 }, { timeoutMs: 20 });
  const waiting = settings.pushSettings('d1', { a: 3 }, { signal: AbortSignal.abort() });
  const next = settings.pushSettings('d1', { a: 4 }, { timeoutMs: 40 });
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(late).rejects.toMatchObject({ code: 'PUBLISH_TIMED_OUT', mayBeWritten: true });
  await expect(next).rejects.toMatchObject({ code: 'PUBLISH_TIMED_OUT', mayBeWritten: true });
  await expect(settings.reportSettings('d1', { a: 1 }, { timeoutMs: 1 })).rejects.toMatchObject({
    code: 'PUBLISH_TIMED_OUT',
  });
  await settings.close({ timeoutMs: 0 });
});

test('a Kafka that hands nothing over is given up', async () => {
  const { backend, silence } = createSilentBackend();
  await backend.createTopic({ topic: desiredTopic });
  await backend.publish([{ topic: desiredTopic, key: 'd1', value: Buffer.from('{}') }], { timeoutMs: 1_000 });
  silence();
  await expect(createSettings({ backend, timeoutMs: 20 })).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('read device_settings and device_settings_reported to the end'),
  });
});
