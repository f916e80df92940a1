import assert from 'node:assert/strict';
import type { CommandStoreSuite } from '../command-store-harness.js';
import { at, idOf, storedEvent } from './stored-event.js';
import { withStore } from './with-store.js';

const topic = 'events';

export function feedTests({ test, harness }: CommandStoreSuite): void {
  test('feed: a new store has an id for its feed and no positions', () =>
    withStore(harness, async (store) => {
      const { feedId, nextOffsets } = await store.progress(topic);
      assert.match(feedId, /^[\w-]+$/);
      assert.equal(nextOffsets.size, 0);
      assert.equal((await store.progress('others')).feedId, feedId);
    }));

  test('feed: positions are kept for each partition of each topic, and never move back', () =>
    withStore(harness, async (store) => {
      const { feedId } = await store.progress(topic);
      const move = (partition: number, nextOffset: number, of = topic) =>
        store.save([], [{ feedId, topic: of, partition, nextOffset }]);
      await move(0, 5);
      await move(1, 2 ** 40);
      await move(0, 7);
      assert.deepEqual(await move(0, 6), { kind: 'saved', refused: [] });
      await move(0, 1, 'others');
      assert.deepEqual(
        (await store.progress(topic)).nextOffsets,
        new Map([
          [0, 7],
          [1, 2 ** 40],
        ]),
      );
      assert.deepEqual((await store.progress('others')).nextOffsets, new Map([[0, 1]]));
    }));

  test('feed: several positions move together, or none of them', () =>
    withStore(harness, async (store) => {
      const { feedId } = await store.progress(topic);
      const of = (partition: number, nextOffset: number) => ({ feedId, topic, partition, nextOffset });
      await store.save([storedEvent('dispatched')], [of(0, 1), of(1, 3), of(0, 5), of(1, 2)]);
      const moved = new Map([
        [0, 5],
        [1, 3],
      ]);
      assert.deepEqual((await store.progress(topic)).nextOffsets, moved);
      const ofOther = { ...of(1, 9), feedId: 'other' };
      assert.deepEqual(await store.save([storedEvent('dead')], [of(0, 9), ofOther]), { kind: 'other-feed' });
      assert.deepEqual((await store.progress(topic)).nextOffsets, moved);
      assert.deepEqual(await store.countByState(), { dispatched: 1 });
    }));

  test('feed: clear forgets everything and begins another feed, for which the one before saves nothing', () =>
    withStore(harness, async (store) => {
      const { feedId } = await store.progress(topic);
      const position = { feedId, topic, partition: 0, nextOffset: 5 };
      await store.save([storedEvent('succeeded'), storedEvent('failed', { requestId: 'r2' })], [position]);
      await store.prune({ maxCommands: 1 });
      await store.clear();
      assert.deepEqual(await store.countByState(), {});
      const after = await store.progress(topic);
      assert.notEqual(after.feedId, feedId);
      assert.equal(after.nextOffsets.size, 0);
      assert.deepEqual(await store.save([storedEvent('dead')], [{ ...position, nextOffset: 6 }]), {
        kind: 'other-feed',
      });
      assert.equal(await store.get(idOf('r1')), undefined);
      const again = [storedEvent('waiting'), storedEvent('waiting', { requestId: 'r2' })];
      assert.deepEqual(await store.save(again, [{ ...position, feedId: after.feedId }]), {
        kind: 'saved',
        refused: [],
      });
      assert.deepEqual(await store.countByState(), { waiting: 2 });
    }));

  test('feed: renewFeed keeps the commands and what was forgotten', () =>
    withStore(harness, async (store) => {
      const { feedId } = await store.progress(topic);
      const old = storedEvent('succeeded', { requestId: 'old' });
      await store.save(
        [old, storedEvent('failed', { second: 1 })],
        [{ feedId, topic, partition: 0, nextOffset: 5 }],
      );
      await store.prune({ finishedBefore: at(1) });
      await store.renewFeed();
      const after = await store.progress(topic);
      assert.notEqual(after.feedId, feedId);
      assert.equal(after.nextOffsets.size, 0);
      await store.save([old, storedEvent('failed', { second: 1 })]);
      assert.deepEqual(await store.countByState(), { failed: 1 });
    }));
}
