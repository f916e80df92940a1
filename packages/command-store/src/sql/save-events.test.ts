import { encodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { expect, test } from 'vitest';
import { saveEvents } from './save-events.js';
import type { SqlRow } from './sql-database.js';

const event = (index: number): LifecycleEvent => ({
  requestId: `r${index}`,
  deviceId: 'd',
  state: 'published',
  timestamp: new Date(0),
});
const five = [0, 1, 2, 3, 4];

function createWork() {
  let turns = 0;
  const seenTurns: number[] = [];
  /** As a decoder does: the event loop stands still. */
  function compute() {
    seenTurns.push(turns);
    const endsAtMs = performance.now() + 11;
    while (performance.now() < endsAtMs);
    setImmediate(() => {
      turns += 1;
    });
  }
  return { seenTurns, compute };
}

/** Saves events into commands that the database has as these rows. */
async function save(events: readonly LifecycleEvent[], rows: readonly SqlRow[] = []): Promise<void> {
  const statements = { selectFromJson: () => 'SELECT', insertAll: async () => {} };
  const query = async (statement: string) => (statement.includes('FROM pusher_commands') ? rows : []);
  expect(await saveEvents(query, statements, events, [])).toEqual({ kind: 'saved', refused: [] });
}

test('the event loop goes on between the commands that are read', async () => {
  const { seenTurns, compute } = createWork();
  const rows = five.map((index) => ({
    request_id: `r${index}`,
    get events() {
      compute();
      return `[${encodeLifecycleEvent(event(index))}]`;
    },
  }));
  await save([event(0)], rows);
  expect(seenTurns).toEqual([0, 1, 2, 3, 4]);
});

test('the event loop goes on between the events that are merged', async () => {
  const { seenTurns, compute } = createWork();
  const events = five.map((index) => {
    let isFirst = true;
    return {
      ...event(index),
      // Not asked for before the events are merged.
      get timestamp() {
        if (isFirst) compute();
        isFirst = false;
        return new Date(0);
      },
    };
  });
  await save(events);
  expect(seenTurns).toEqual([0, 1, 2, 3, 4]);
});

test('the event loop goes on between the commands that are written', async () => {
  const { seenTurns, compute } = createWork();
  const events = five.map((index) => {
    let asked = 0;
    return {
      ...event(index),
      // Asked for where the event is merged, then where it is encoded.
      get result() {
        asked += 1;
        if (asked === 2) compute();
        return 1;
      },
    };
  });
  await save(events);
  expect(seenTurns).toEqual([0, 1, 2, 3, 4]);
});
