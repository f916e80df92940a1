import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LifecycleEvent } from '@preservarium/core';
import { describe, expect, test } from 'vitest';
import { type PartitionEvents, shareSaves } from './shared-saves.js';

const event: LifecycleEvent = { requestId: 'r1', deviceId: 'd1', state: 'published', timestamp: new Date(0) };
function eventsAt(partition: number, count = 1, bytes = count): PartitionEvents {
  const position = { feedId: 'f', topic: 't', partition, nextOffset: 1 };
  return { events: Array(count).fill(event), bytes, position };
}

test('what comes at once is saved together, and no more than 2,000 events', async () => {
  const sizes: [events: number, positions: number][] = [];
  const save = shareSaves(async (events, positions) => {
    sizes.push([events.length, positions.length]);
    return true;
  });
  const saves = Array.from({ length: 11 }, (_, partition) => save(eventsAt(partition, 500)));
  expect(await Promise.all(saves)).toEqual(Array(11).fill(true));
  expect(sizes).toEqual([
    [2_000, 4],
    [2_000, 4],
    [1_500, 3],
  ]);
});

test('events of 2 MiB are saved together at most', async () => {
  const sizes: number[] = [];
  const save = shareSaves(async ({ length }) => sizes.push(length) > 0);
  const megabyte = 1024 * 1024;
  await Promise.all([1, 1, 1, 5, 1].map((size, partition) => save(eventsAt(partition, 10, size * megabyte))));
  expect(sizes).toEqual([20, 10, 10, 10]);
});

test('a save that is larger than the limit is saved alone', async () => {
  const sizes: number[] = [];
  const save = shareSaves(async ({ length }) => sizes.push(length) > 0);
  await Promise.all([save(eventsAt(0, 0)), save(eventsAt(1, 3_000)), save(eventsAt(2))]);
  expect(sizes).toEqual([0, 3_000, 1]);
});

describe('saves that come one after another', () => {
  async function saveInTurns(eventsOf: (turn: number) => PartitionEvents): Promise<readonly number[]> {
    const sizes: number[] = [];
    const save = shareSaves(async ({ length }) => sizes.push(length) > 0);
    const saves: Promise<boolean>[] = [];
    for (let turn = 0; turn < 500; turn++) {
      saves.push(save(eventsOf(turn)));
      await nextTurn();
    }
    await Promise.all(saves);
    return sizes;
  }

  test('begin alone, and share a transaction once there are many', async () => {
    const sizes = await saveInTurns((turn) => eventsAt(turn));
    expect(sizes.slice(0, 10)).toEqual(Array(10).fill(1));
    expect(sizes.length).toBeLessThan(100);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(500);
  });

  test.each([
    ['of many events', 200, 200],
    ['of many bytes', 1, 64 * 1024],
  ])('%s do not wait for others', async (_, count, bytes) => {
    const sizes = await saveInTurns((turn) => eventsAt(turn, count, bytes));
    expect(sizes).toEqual(Array(500).fill(count));
  });
});

test('a failure is that of all that were saved together, and of no other one', async () => {
  let runs = 0;
  const save = shareSaves(async () => {
    if (++runs === 2) throw new Error('broken');
    return runs === 1;
  });
  expect(await save(eventsAt(0))).toBe(true);
  const outcomes = await Promise.allSettled([save(eventsAt(1)), save(eventsAt(2))]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await save(eventsAt(0))).toBe(false);
});
