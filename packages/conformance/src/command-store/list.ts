import assert from 'node:assert/strict';
import type { CommandFilter, CommandQuery, CommandStore } from '@preservarium/command-store';
import type { CommandStoreSuite } from '../command-store-harness.js';
import { at, storedEvent } from './stored-event.js';
import { withStore } from './with-store.js';

export function listTests({ test, harness }: CommandStoreSuite): void {
  test('list: the newest first, by when they came into their state, then by request id', () =>
    withStore(harness, async (store) => {
      await store.save([
        storedEvent('dispatched', { requestId: 'b', second: 1 }),
        storedEvent('dispatched', { requestId: 'a', second: 2 }),
        storedEvent('dispatched', { requestId: 'B', second: 1 }),
        storedEvent('dispatched', { requestId: 'ä', second: 1 }),
      ]);
      assert.deepEqual(await idsOf(store, {}), ['a', 'ä', 'b', 'B']);
      await store.save([storedEvent('delivered', { requestId: 'B', second: 3 })]);
      assert.deepEqual(await idsOf(store, {}), ['B', 'a', 'ä', 'b']);
    }));

  test('list: pages have every command once, also where many have the same time', () =>
    withStore(harness, async (store) => {
      const ids = Array.from({ length: 25 }, (_, index) => `r${index}`);
      await store.save(
        ids.map((requestId, index) =>
          storedEvent('dispatched', { requestId, second: Math.floor(index / 10) }),
        ),
      );
      const expected = await idsOf(store, {});
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ limit: 4, cursor });
        pages.push(page.lifecycles.map(({ requestId }) => requestId));
        cursor = page.cursor;
      } while (cursor !== undefined);
      assert.deepEqual(
        pages.map(({ length }) => length),
        [4, 4, 4, 4, 4, 4, 1],
      );
      assert.deepEqual(pages.flat(), expected);
      assert.equal(new Set(expected).size, 25);
    }));

  test('list: pages have the commands of all devices with the same request id and time', () =>
    withStore(harness, async (store) => {
      const devices = ['d1', 'd2', 'd3'];
      await store.save(devices.map((deviceId) => storedEvent('dispatched', { deviceId })));
      const first = await store.list({ limit: 2 });
      const second = await store.list({ limit: 2, cursor: first.cursor });
      assert.deepEqual(
        [first, second].map(({ lifecycles }) => lifecycles.map(({ deviceId }) => deviceId)),
        [['d3', 'd2'], ['d1']],
      );
    }));

  test('listDevices: each device once, in the order of their bytes', () =>
    withStore(harness, async (store) => {
      const devices = ['b', 'a', 'B', 'ä', '\u{1F600}', '\uFFFD', 'a1'];
      await store.save(
        devices.flatMap((deviceId) => [
          storedEvent('dispatched', { deviceId }),
          storedEvent('dispatched', { deviceId, requestId: 'r2' }),
        ]),
      );
      const expected = ['B', 'a', 'a1', 'b', 'ä', '\uFFFD', '\u{1F600}'];
      assert.deepEqual(await store.listDevices({ limit: 100 }), expected);
      assert.deepEqual(await store.listDevices({ limit: 2 }), ['B', 'a']);
      assert.deepEqual(await store.listDevices({ limit: 2, after: 'a' }), ['a1', 'b']);
      assert.deepEqual(await store.listDevices({ limit: 9, prefix: 'a' }), ['a', 'a1']);
      assert.deepEqual(await store.listDevices({ limit: 9, prefix: 'a', after: 'a' }), ['a1']);
      assert.deepEqual(await store.listDevices({ limit: 9, after: '\u{1F600}' }), []);
    }));

  test('list: a last page that is full has no next one', () =>
    withStore(harness, async (store) => {
      await store.save([storedEvent('dispatched'), storedEvent('dispatched', { requestId: 'r2' })]);
      assert.equal((await store.list({ limit: 2 })).cursor, undefined);
      assert.notEqual((await store.list({ limit: 1 })).cursor, undefined);
    }));

  test('list, countByState: only what fits all that is asked for', () =>
    withStore(harness, async (store) => {
      const valve = { deviceId: 'valve', protocol: 'mqtt', commandType: 'open' };
      const pump = { deviceId: 'pump', protocol: 'coap', commandType: 'open' };
      await store.save([
        storedEvent('waiting', { requestId: '1', second: 1, ...valve }),
        storedEvent('failed', { requestId: '2', second: 2, ...valve, commandType: 'close' }),
        storedEvent('failed', { requestId: '3', second: 3, ...pump }),
        storedEvent('succeeded', { requestId: '4', second: 4, deviceId: 'lamp' }),
      ]);
      const cases: readonly (readonly [CommandFilter, string, object])[] = [
        [{}, '4321', { waiting: 1, failed: 2, succeeded: 1 }],
        [{ deviceId: 'valve' }, '21', { waiting: 1, failed: 1 }],
        [{ deviceId: 'valve\u0000' }, '', {}],
        [{ states: ['failed', 'waiting'] }, '321', { waiting: 1, failed: 2 }],
        [{ states: [] }, '', {}],
        [{ protocol: 'coap' }, '3', { failed: 1 }],
        [{ commandType: 'open' }, '31', { waiting: 1, failed: 1 }],
        [{ since: at(3) }, '43', { failed: 1, succeeded: 1 }],
        [{ until: at(3) }, '21', { waiting: 1, failed: 1 }],
        [{ since: at(2), until: at(4), states: ['failed'], commandType: 'open' }, '3', { failed: 1 }],
        [{ deviceId: 'valve', protocol: 'coap' }, '', {}],
      ];
      for (const [filter, ids, counts] of cases) {
        const message = JSON.stringify(filter);
        assert.deepEqual((await idsOf(store, filter)).join(''), ids, message);
        assert.deepEqual(await store.countByState(filter), counts, message);
      }
    }));

  test('list: a cursor with any ids is taken', () =>
    withStore(harness, async (store) => {
      for (const ids of [
        ['', ''],
        ['\0', '\0'],
        ['\ud800', "'"],
      ]) {
        const cursor = Buffer.from(JSON.stringify([Date.now(), ...ids])).toString('base64url');
        assert.deepEqual((await store.list({ limit: 1, cursor })).lifecycles, []);
      }
    }));

  test('list: a limit or a cursor that is none is refused', () =>
    withStore(harness, async (store) => {
      const wrong: readonly CommandQuery[] = [
        { limit: 0 },
        { limit: 1.5 },
        { limit: 1_001 },
        { limit: 1, cursor: 'x' },
        { limit: 1, cursor: Buffer.from('["1","r1","d1"]').toString('base64url') },
      ];
      for (const query of wrong) {
        await assert.rejects(store.list(query), { code: 'VALIDATION_FAILED' }, JSON.stringify(query));
      }
    }));
}

async function idsOf(store: CommandStore, filter: CommandFilter): Promise<string[]> {
  const { lifecycles } = await store.list({ ...filter, limit: 1_000 });
  return lifecycles.map(({ requestId }) => requestId);
}
