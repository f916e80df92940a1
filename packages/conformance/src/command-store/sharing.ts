import assert from 'node:assert/strict';
import type { CommandStoreSuite } from '../command-store-harness.js';
import { idOf, storedEvent } from './stored-event.js';

export function sharingTests({ test, harness }: CommandStoreSuite): void {
  test('sharing: what was saved is there when the store is opened again', async () => {
    const open = await harness.createPlace();
    const first = await open();
    const { feedId } = await first.progress('events');
    await first.save([storedEvent('succeeded')], [{ feedId, topic: 'events', partition: 3, nextOffset: 9 }]);
    await first.close();
    await using second = await open();
    assert.equal((await second.get(idOf('r1')))?.state, 'succeeded');
    assert.deepEqual(await second.progress('events'), { feedId, nextOffsets: new Map([[3, 9]]) });
  });

  test('sharing: several may open a new store at once, and have the same', async () => {
    const open = await harness.createPlace();
    const stores = await Promise.all(Array.from({ length: 5 }, open));
    try {
      const feeds = await Promise.all(stores.map((store) => store.progress('events')));
      assert.equal(new Set(feeds.map(({ feedId }) => feedId)).size, 1);
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  });

  test('sharing: events of one command that several save at the same time are all merged', async () => {
    const open = await harness.createPlace();
    await using one = await open();
    await using other = await open();
    const ids = Array.from({ length: 50 }, (_, index) => `r${index}`);
    const states = ['dispatched', 'waiting', 'delivered', 'succeeded'] as const;
    const saves = states.flatMap((state, second) =>
      [ids, ids.toReversed()].map((order, index) =>
        (index === second % 2 ? one : other).save(
          order.map((requestId) => storedEvent(state, { requestId, second })),
        ),
      ),
    );
    await Promise.all(saves);
    const { lifecycles } = await one.list({ limit: 100 });
    assert.equal(lifecycles.length, ids.length);
    for (const { requestId, events } of lifecycles) {
      assert.deepEqual(
        events.map(({ state }) => state),
        states,
        requestId,
      );
    }
  });
}
