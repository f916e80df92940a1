import { expect, test } from 'vitest';
import { compute, countTurns } from '../test/event-loop.js';
import { inSlices, startSlice } from './in-slices.js';

test('the event loop goes on between the slices of work without a list', async () => {
  using counted = countTurns();
  const slice = startSlice();
  for (let item = 0; item < 5; item++) {
    if (slice.isOver()) await slice.next();
    compute(11);
  }
  expect(counted.turns()).toBeGreaterThanOrEqual(4);
});

test('all items of a list come in their order, and the event loop goes on in between', async () => {
  using counted = countTurns();
  const items = Array.from({ length: 200 }, (_, index) => index);
  const seen: number[] = [];
  await inSlices(items, (slice) => {
    seen.push(...slice);
    compute(slice.length);
  });
  expect(seen).toEqual(items);
  expect(counted.turns()).toBeGreaterThanOrEqual(4);
});
