import { silentLogger } from '@preservarium/backend';
import { parseSettings } from '@preservarium/core';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createStateDir, places } from '../../test/world.js';
import { type DocumentStore, sides } from './document-store.js';
import { openDocuments } from './open-documents.js';

const settingsOf = (deviceId: string, value: number) =>
  parseSettings({ deviceId, settings: { value }, requestId: 'r', timestamp: 0, baseVersion: value - 1 });

function open(stateDir: string | undefined): DocumentStore {
  const onFailed = (error: unknown) => {
    throw error;
  };
  const store = openDocuments({
    stateDir,
    maxStoreBytes: 2 ** 30,
    identity: () => 'same',
    logger: silentLogger,
    onFailed,
  });
  onTestFinished(() => store.close());
  return store;
}

const openAt = (place: (typeof places)[number]) => open(place === 'a file' ? createStateDir() : undefined);

const position = { startOffset: 2, offset: 17, timestampMs: 1_000 };
const partition = { topic: 't', partition: 3 };

test.each(places)('in %s, a device has both sides, and goes with the last of them', (place) => {
  const store = openAt(place);
  store.set('desired', 'd1', { settings: settingsOf('d1', 1), version: 1 });
  store.set('reported', 'd1', { settings: settingsOf('d1', 2), version: 5, isDoubtful: true });
  expect(store.find('d1')).toMatchObject({
    desired: { settings: settingsOf('d1', 1), version: 1 },
    reported: { settings: settingsOf('d1', 2), version: 5, isDoubtful: true },
    isWhole: true,
  });
  expect([[...store.ids()], [...store.outOfSync()]]).toEqual([['d1'], ['d1']]);
  store.set('reported', 'd1', { settings: settingsOf('d1', 1), version: 6 });
  expect([...store.outOfSync()]).toEqual([]);
  store.set('desired', 'd1', undefined);
  expect([store.size, store.oldestReportedOnly()]).toEqual([1, 'd1']);
  store.set('reported', 'd1', undefined);
  expect([store.size, store.find('d1'), store.oldestReportedOnly()]).toEqual([0, undefined, undefined]);
});

test.each(places)(
  'in %s, a side that is removed from a device that is not there changes nothing',
  (place) => {
    const store = openAt(place);
    store.set('desired', 'd1', undefined);
    expect([store.size, store.find('d1')]).toEqual([0, undefined]);
  },
);

test.each(places)('in %s, devices that are added after reports were left out are not whole', (place) => {
  const store = openAt(place);
  store.forget('reported');
  store.set('desired', 'd1', { settings: settingsOf('d1', 1), version: 1 });
  expect([store.forgotten, store.find('d1')?.isWhole]).toEqual([{ desired: 0, reported: 1 }, false]);
});

test.each(places)('in %s, devices that end void have the push of their last record', (place) => {
  const store = openAt(place);
  store.setVoid('desired', { deviceId: 'd1', requestId: 'r1' });
  store.setVoid('desired', { deviceId: 'd2', isRefused: true });
  expect(store.voidOf('desired', 'd1')).toMatchObject({ requestId: 'r1' });
  expect(store.voidOf('reported', 'd1')).toBeUndefined();
  expect([...store.voids('desired')]).toMatchObject([
    { deviceId: 'd1' },
    { deviceId: 'd2', isRefused: true },
  ]);
  store.removeVoid('desired', 'd1');
  expect([...store.voids('desired')].map(({ deviceId }) => deviceId)).toEqual(['d2']);
});

test.each(places)('in %s, positions are those of their partitions', (place) => {
  const store = openAt(place);
  store.setPosition(partition, position);
  store.setCurrentAt(7);
  expect(store.position(partition)).toMatchObject(position);
  expect(store.position({ topic: 't', partition: 2 })).toBeUndefined();
  expect([store.positions(), store.currentAtMs()]).toMatchObject([[partition], 7]);
});

test.each(places)('in %s, nothing is left after clear', (place) => {
  const store = openAt(place);
  store.set('desired', 'd1', { settings: settingsOf('d1', 1), version: 1 });
  store.setVoid('desired', { deviceId: 'd1' });
  store.setPosition(partition, position);
  store.setCurrentAt(7);
  store.forget('reported');
  store.clear();
  expect([store.size, store.find('d1'), [...store.ids()], [...store.voids('desired')]]).toEqual([
    0,
    undefined,
    [],
    [],
  ]);
  expect([store.positions(), store.currentAtMs(), store.forgotten.reported]).toEqual([[], undefined, 0]);
});

test.each(places)('in %s, devices may change while they are iterated over', (place) => {
  const store = openAt(place);
  for (let number = 0; number < 350; number++) {
    store.set('desired', `d${number}`, { settings: settingsOf(`d${number}`, 1), version: number });
  }
  const seen: string[] = [];
  for (const deviceId of store.outOfSync()) {
    seen.push(deviceId);
    store.set('reported', deviceId, { settings: settingsOf(deviceId, 1), version: 1 });
  }
  expect([seen.length, [...store.outOfSync()]]).toEqual([350, []]);
});

test('a change in a file that throws leaves all as it was', () => {
  const store = open(createStateDir());
  store.set('desired', 'd1', { settings: settingsOf('d1', 1), version: 1 });
  expect(() =>
    store.transaction(() => {
      store.set('desired', 'd1', { settings: settingsOf('d1', 2), version: 2 });
      store.set('desired', 'd2', { settings: settingsOf('d2', 2), version: 2 });
      store.forget('desired');
      throw new Error('broken');
    }),
  ).toThrow('broken');
  expect([store.find('d1')?.desired?.version, store.size, store.forgotten.desired]).toEqual([1, 1, 0]);
});

const change = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    side: fc.constantFrom(...sides),
    device: fc.nat(3),
    value: fc.nat(2),
  }),
  fc.record({ kind: fc.constant('remove' as const), side: fc.constantFrom(...sides), device: fc.nat(3) }),
  fc.record({ kind: fc.constant('void' as const), side: fc.constantFrom(...sides), device: fc.nat(3) }),
  fc.record({ kind: fc.constant('not void' as const), side: fc.constantFrom(...sides), device: fc.nat(3) }),
  fc.record({ kind: fc.constant('forget' as const), side: fc.constantFrom(...sides) }),
  fc.record({ kind: fc.constant('open again' as const) }),
);

test('whatever changes, a file that is opened again and again has what memory has', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const stateDir = createStateDir();
      const memory = open(undefined);
      let file = open(stateDir);
      for (const [version, next] of changes.entries()) {
        if (next.kind === 'open again') {
          file.close();
          file = open(stateDir);
          continue;
        }
        for (const store of [memory, file]) {
          const { kind, side } = next;
          if (kind === 'forget') store.forget(side);
          else {
            const deviceId = `d${next.device}`;
            if (kind === 'set') {
              store.set(side, deviceId, { settings: settingsOf(deviceId, next.value), version });
            } else if (kind === 'remove') store.set(side, deviceId, undefined);
            else if (kind === 'void') store.setVoid(side, { deviceId, requestId: String(version) });
            else store.removeVoid(side, deviceId);
          }
        }
        expect(contentOf(file)).toEqual(contentOf(memory));
      }
      file.close();
    }),
    { numRuns: 60 },
  );
});

function contentOf(store: DocumentStore) {
  const ids = [...store.ids()].sort();
  return {
    size: store.size,
    devices: ids.map((deviceId) => {
      const { desired, reported, isWhole } = store.find(deviceId) ?? {};
      return { deviceId, desired, reported, isWhole };
    }),
    outOfSync: [...store.outOfSync()].sort(),
    hasReportedOnly: store.oldestReportedOnly() !== undefined,
    forgotten: store.forgotten,
    voids: sides.map((side) =>
      [...store.voids(side)].map(({ deviceId, requestId }) => `${deviceId} ${requestId}`).sort(),
    ),
  };
}
