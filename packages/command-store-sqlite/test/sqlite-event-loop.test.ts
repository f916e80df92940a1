import type { LifecycleEvent } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createSqliteCommandStore } from '../src/index.js';

test('the event loop goes on while commands with large results are merged', async () => {
  await using store = await createSqliteCommandStore({ path: ':memory:' });
  const events = Array.from({ length: 50 }, (_, index): LifecycleEvent => {
    const ids = { requestId: `r${index}`, deviceId: 'd1' };
    return { ...ids, state: 'dispatched', timestamp: new Date(0), result: 'x'.repeat(200_000) };
  });
  await store.save(events, []);
  let turns = 0;
  let isSaving = true;
  (function next() {
    setImmediate(() => {
      turns += 1;
      if (isSaving) next();
    });
  })();
  await store.save(
    events.map((event) => ({ ...event, timestamp: new Date(1_000) })),
    [],
  );
  isSaving = false;
  expect(turns).toBeGreaterThan(2);
  expect((await store.get({ deviceId: 'd1', requestId: 'r49' }))?.timestamp).toEqual(new Date(1_000));
});
