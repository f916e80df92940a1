import { type ConsumedRecord, silentLogger } from '@preservarium/backend';
import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { expect, test } from 'vitest';
import { type DeviceTypesFromTopicOptions, deviceTypesFromTopic } from './index.js';

const topic = 'device_types';

/** A topic with the given records, each a key and a value, on two partitions in turn. */
function createWorld() {
  const broker = createMemoryBroker({ autoCreateTopics: false });
  broker.createTopic({ topic, partitions: 2 });
  const backend = createMemoryBackend({ broker });
  const told: { readonly level: string; readonly fields: object }[] = [];
  const logger = {
    ...silentLogger,
    warn: (fields: object) => told.push({ level: 'warn', fields }),
    error: (fields: object) => told.push({ level: 'error', fields }),
  };

  function write(key: string | null, value: string | null, partition = 0): void {
    const record = {
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    };
    broker.topic(topic)?.append(partition, record);
  }

  const open = (settings: Partial<DeviceTypesFromTopicOptions> = {}) =>
    deviceTypesFromTopic({ backend, topic, logger, ...settings });

  return { backend, broker, write, open, told };
}

test('the event loop goes on while records are read that came together', async () => {
  const { backend, write, open } = createWorld();
  for (const key of ['a', 'b', 'c', 'd', 'e']) write(key, '"lamp"');
  const readIn = new Map<number, number>();
  let turn = 0;
  const slow = (record: ConsumedRecord): ConsumedRecord => ({
    ...record,
    get value() {
      if (readIn.has(record.offset)) return record.value;
      readIn.set(record.offset, turn);
      compute(11);
      setImmediate(() => {
        turn += 1;
      });
      return record.value;
    },
  });
  const slowBackend: typeof backend = {
    ...backend,
    subscribe: (options) =>
      backend.subscribe({ ...options, onRecords: (records) => options.onRecords(records.map(slow)) }),
  };
  await using _ = await open({ backend: slowBackend });
  expect([...readIn.values()]).toEqual([0, 1, 2, 3, 4]);
});

function compute(ms: number): void {
  const endsAtMs = performance.now() + ms;
  while (performance.now() < endsAtMs) {
    // As a decoder does: the event loop stands still.
  }
}

test('is ready where the marker of a transaction is the last thing in the topic', async () => {
  const { broker, write, open } = createWorld();
  write('lamp-1', '"lamp"');
  for (const partition of [0, 1]) broker.topic(topic)?.appendMarker(partition);
  await using directory = await open({ timeoutMs: 3_000 });
  expect(directory.typeOf('lamp-1')).toBe('lamp');
});

test('knows all that is in the topic when it is ready, and follows what comes', async () => {
  const { write, open } = createWorld();
  for (let number = 0; number < 2_000; number++) write(`lamp-${number}`, '"lamp"', number % 2);
  write('pump-7', '{"type":"lamp"}');
  write('pump-7', '{"type":"pump","since":2020}');
  write('gone-1', '"lamp"', 1);
  write('gone-1', null, 1);
  await using directory = await open();
  const { typeOf } = directory;
  expect(['lamp-0', 'lamp-1999', 'pump-7', 'gone-1', 'toString', ''].map(typeOf)).toEqual([
    'lamp',
    'lamp',
    'pump',
    ...Array(3).fill(undefined),
  ]);

  write('new-1', '"pump"');
  write('lamp-0', null);
  write('lamp-1', '"torch"');
  await expect.poll(() => ['new-1', 'lamp-0', 'lamp-1'].map(typeOf)).toEqual(['pump', undefined, 'torch']);
});

test('is ready at once where the topic is empty', async () => {
  const { open } = createWorld();
  await using directory = await open();
  expect(directory.typeOf('lamp-7')).toBeUndefined();
});

test('unreadable records are logged and skipped', async () => {
  const { write, open, told } = createWorld();
  write('a', '"lamp"');
  const wrong = ['', 'lamp', '{"type":7}', '{}', '[]', '7', '""', 'null', '{"type":""}', '\xff'];
  wrong.push(JSON.stringify('x'.repeat(257)));
  for (const value of wrong) write('a', value);
  write(null, '"lamp"');
  write('', '"lamp"');
  write('x'.repeat(257), '"lamp"');
  await using directory = await open();
  expect(directory.typeOf('a')).toBe('lamp');
  expect(directory.typeOf('')).toBeUndefined();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ level: 'warn', fields: { topic, partition: 0, offset: 1 } });
});

test('devices beyond its limit stay unknown, at the start and later, and all others go on', async () => {
  const { write, open, told } = createWorld();
  for (const deviceId of ['a', 'b', 'c', 'd']) write(deviceId, '"lamp"');
  await using directory = await open({ maxDevices: 2 });
  write('a', '"pump"');
  await expect.poll(() => directory.typeOf('a')).toBe('pump');
  expect(['b', 'c', 'd'].map(directory.typeOf)).toEqual(['lamp', undefined, undefined]);
  const fields = expect.objectContaining({ maxDevices: 2, deviceId: 'c', offset: 2, count: 1 });
  expect(told).toEqual([{ level: 'warn', fields }]);

  write('b', null);
  write('d', '"lamp"');
  await expect.poll(() => directory.typeOf('d')).toBe('lamp');
});

test.each([{ maxDevices: 0 }, { maxDevices: 1.5 }, { timeoutMs: -1 }])('%j is refused', async (options) => {
  const { open } = createWorld();
  const message = expect.stringContaining(Object.keys(options).join());
  await expect(open(options)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', message });
});

test('ends with an error where the topic does not exist, or cannot be read to its end in time', async () => {
  const { backend, write, open } = createWorld();
  await expect(open({ topic: 'no_such' })).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
  write('a', '"lamp"');
  const silent: DeviceTypesFromTopicOptions['backend'] = {
    ...backend,
    subscribe: (options) => backend.subscribe({ ...options, topics: [], onRecords: async () => {} }),
  };
  await expect(open({ backend: silent, timeoutMs: 50 })).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining(`cannot read ${topic} to its end`),
  });
});

test('follows no more after close, or when the backend is closed, and keeps what it knows', async () => {
  const { backend, write, open } = createWorld();
  write('a', '"lamp"');
  const closed = await open();
  const ended = await open();
  await closed.close();
  await closed.closed;
  write('a', '"pump"');
  await expect.poll(() => ended.typeOf('a')).toBe('pump');
  expect(closed.typeOf('a')).toBe('lamp');
  await backend.close({ timeoutMs: 1_000 });
  await ended.closed;
  expect(ended.typeOf('a')).toBe('pump');
});
