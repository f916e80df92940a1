import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld, desiredTopic, places, reportedTopic } from '../test/world.js';

const kilo = 1_000;
const document = (settings: string, deviceId = 'd1') =>
  Buffer.from(`{"device_id":"${deviceId}","settings":${settings}}`);

test.each<[string, string, Buffer]>([
  ['300,000 values that JSON cannot carry', 'd1', document(`{"a":[${Array(300 * kilo).fill('1e999')}]}`)],
  ['100,000 nested arrays', 'd1', document(`{"a":${'['.repeat(100 * kilo)}${']'.repeat(100 * kilo)}}`)],
  ['63 levels, then 100,000 issues', 'd1', deepThenIssues()],
  ['a value of 4 MB', 'd1', document(JSON.stringify({ a: 'x'.repeat(4_000 * kilo) }))],
  ['a key of 600 kB', 'k'.repeat(600 * kilo), document('{}', 'k'.repeat(600 * kilo))],
  ['a key with control characters', 'd\u0000', document('{}', 'd\\u0000')],
  ['no JSON', 'd1', Buffer.from([0xff, 0xfe, 0x00])],
])('%s: the record is counted and logged, readers go on, and a new reader starts', async (_, key, value) => {
  const { open, append } = createWorld();
  const logged: [object, string][] = [];
  const warn = (fields: object, message: string) => logged.push([fields, message]);
  const logger = { debug() {}, info() {}, error() {}, warn };
  const settings = await open({ logger });
  for (const topic of [desiredTopic, reportedTopic]) append(Buffer.from(key), value, topic);
  for (const reader of [settings, await open()]) {
    await reader.pushSettings('d2', { a: 1 });
    await reader.pushSettings('d1', { a: 1 });
    expect(reader.getSettings('d1')?.desired).toEqual({ a: 1 });
    expect(reader.status().unreadableRecords).toBe(2);
  }
  expect(logged).toHaveLength(1);
  expect(JSON.stringify(logged).length).toBeLessThan(1_000);
});

test.each([0, 1, 1_000_000, Number.MAX_SAFE_INTEGER])(
  'settings that claim to be made from version %d, which is still to come, can be changed like others',
  async (baseVersion) => {
    const { broker, open, append } = createWorld();
    const settings = await open();
    append(
      Buffer.from('d1'),
      Buffer.from(`{"device_id":"d1","settings":{"a":1},"base_version":${baseVersion}}`),
    );
    await expect.poll(() => settings.getSettings('d1')?.desired).toEqual({ a: 1 });
    await settings.pushSettings('d1', { b: 2 }, { timeoutMs: 1_000 });
    for (const reader of [settings, await open()]) {
      await reader.pushSettings('d1', { c: 3 }, { timeoutMs: 1_000 });
      expect(reader.getSettings('d1')?.desired).toMatchObject({ c: 3 });
    }
    expect(broker.records(desiredTopic).length).toBeLessThan(10);
  },
);

test('tombstones with absurd keys change nothing', async () => {
  const { open, append } = createWorld();
  const settings = await open();
  for (const key of [null, Buffer.alloc(0), Buffer.alloc(600 * kilo, 'k'), Buffer.from([0xff])]) {
    append(key, null);
  }
  await settings.pushSettings('d1', { a: 1 });
  expect(settings.status()).toMatchObject({ devices: 1 });
});

/** The path of each issue is long. */
function deepThenIssues(): Buffer {
  const [open, close] = ['{"a":'.repeat(60), '}'.repeat(60)];
  return document(`{"a":${open}[${Array(100 * kilo).fill('1e999')}]${close}}`);
}

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(Buffer.from('d1'), Buffer.alloc(0), null),
);
const anyValue = fc.oneof(
  anyBytes,
  fc.json().map((json) => Buffer.from(json)),
  fc.jsonValue().map((settings) => document(JSON.stringify(settings))),
  fc
    .record({ base_version: fc.anything(), protocol: fc.anything(), metadata: fc.jsonValue() })
    .map((fields) => Buffer.from(JSON.stringify({ device_id: 'd1', settings: {}, ...fields }, plain))),
);

test.each(places)(
  'in %s, whatever the records are, the reader goes on and agrees with one that starts after them',
  async (place) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(anyBytes, anyValue), { maxLength: 50 }), async (records) => {
        const { open, append } = createWorld(place);
        const settings = await open();
        for (const [key, value] of records)
          for (const topic of [desiredTopic, reportedTopic]) append(key, value, topic);
        const late = await open();
        await late.pushSettings('last', { a: 1 });
        await expect.poll(() => settings.getSettings('last')?.desired).toEqual({ a: 1 });
        // Topics are read side by side.
        await expect.poll(() => settings.status()).toEqual(late.status());
        expect([...settings.outOfSync()]).toEqual([...late.outOfSync()]);
        await Promise.all([settings.close(), late.close()]);
      }),
      { numRuns: 100 },
    );
  },
);

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' || typeof value === 'symbol' ? String(value) : value;
}
