import assert from 'node:assert/strict';
import { type CommandState, commandStates } from '@preservarium/core';
import type { CommandStoreSuite } from '../command-store-harness.js';
import { at, idOf, storedEvent } from './stored-event.js';
import { withStore } from './with-store.js';

const unfinished: readonly CommandState[] = ['published', 'dispatched', 'waiting'];

export function pruneTests({ test, harness }: CommandStoreSuite): void {
  test('prune: deletes the commands that finished before the time, and no unfinished one', () =>
    withStore(harness, async (store) => {
      await store.save(commandStates.map((state) => storedEvent(state, { requestId: state, second: 1 })));
      await store.save([storedEvent('succeeded', { requestId: 'young', second: 2 })]);
      assert.equal(await store.prune({ finishedBefore: at(1) }), 0);
      assert.equal(await store.prune({ finishedBefore: at(2) }), commandStates.length - unfinished.length);
      assert.deepEqual(await store.countByState(), { published: 1, dispatched: 1, waiting: 1, succeeded: 1 });
      assert.equal(await store.prune({}), 0);
    }));

  test('prune: beyond the number, deletes the oldest finished commands first, then the oldest unfinished ones', () =>
    withStore(harness, async (store) => {
      await store.save([
        storedEvent('waiting', { requestId: 'waiting 1', second: 1 }),
        storedEvent('dispatched', { requestId: 'dispatched 2', second: 2 }),
        storedEvent('failed', { requestId: 'failed 3', second: 3 }),
        storedEvent('delivered', { requestId: 'delivered 4', second: 4 }),
      ]);
      const left = async () => (await store.list({ limit: 10 })).lifecycles.map(({ requestId }) => requestId);
      assert.equal(await store.prune({ maxCommands: 4 }), 0);
      assert.equal(await store.prune({ maxCommands: 3 }), 1);
      assert.deepEqual(await left(), ['delivered 4', 'dispatched 2', 'waiting 1']);
      assert.equal(await store.prune({ maxCommands: 1 }), 2);
      assert.deepEqual(await left(), ['dispatched 2']);
    }));

  test('prune: late events do not bring back what was forgotten', () =>
    withStore(harness, async (store) => {
      await store.save([storedEvent('succeeded', { second: 1 })]);
      assert.equal(await store.prune({ finishedBefore: at(2) }), 1);
      const late = [storedEvent('dispatched'), storedEvent('delivered', { second: 3 })];
      assert.deepEqual(await store.save(late), {
        kind: 'saved',
        refused: late.map((event) => ({ event, reason: 'forgotten' })),
      });
      assert.equal(await store.get(idOf('r1')), undefined);
      assert.deepEqual(await store.countByState(), {});
    }));

  test('prune: what only a device speaks of goes before commands in progress', () =>
    withStore(harness, async (store) => {
      const claims = ['1', '2', '3'].map((requestId) =>
        storedEvent('succeeded', { requestId, second: 2, evidence: 'executed' }),
      );
      await store.save([storedEvent('dispatched', { second: 1 }), ...claims]);
      assert.equal(await store.prune({ maxCommands: 1 }), 3);
      assert.deepEqual(await store.countByState(), { dispatched: 1 });
    }));

  test('forget: deletes all of a device, also what was pruned, and nothing of another one', () =>
    withStore(harness, async (store) => {
      const pruned = storedEvent('failed', { requestId: 'pruned' });
      await store.save([pruned, { ...pruned, deviceId: 'd2' }]);
      await store.prune({ finishedBefore: at(1) });
      await store.save([storedEvent('dispatched'), storedEvent('dispatched', { deviceId: 'd2' })]);
      await store.save([storedEvent('succeeded', { requestId: 'claimed', evidence: 'executed' })]);
      assert.equal(await store.forget('d1'), 2);
      assert.equal(await store.forget('d1'), 0);
      assert.equal(await store.get(idOf('r1')), undefined);
      assert.deepEqual(await store.countByState(), { dispatched: 1 });
      const again = [pruned, { ...pruned, deviceId: 'd2' }];
      assert.deepEqual(await store.save(again), {
        kind: 'saved',
        refused: [{ event: again[1], reason: 'forgotten' }],
      });
    }));

  test('prune: thousands go at once', () =>
    withStore(harness, async (store) => {
      const events = Array.from({ length: 12_000 }, (_, index) =>
        storedEvent('succeeded', { requestId: `r${index}`, second: index % 100 }),
      );
      for (let start = 0; start < events.length; start += 2_000) {
        await store.save(events.slice(start, start + 2_000));
      }
      assert.equal(await store.prune({ finishedBefore: at(100), maxCommands: 0 }), 12_000);
      assert.deepEqual(await store.countByState(), {});
    }));
}
