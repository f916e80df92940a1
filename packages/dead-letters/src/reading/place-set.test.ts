import { expect, test } from 'vitest';
import { createPlaceSet } from './place-set.js';

const place = (partition: number, offset: number) => ({ partition, offset });

test('has the places that were added', () => {
  const places = createPlaceSet([0, 1], 10);
  places.add(place(0, 3));
  places.add(place(0, 3));
  expect([place(0, 3), place(0, 2), place(1, 3)].map(places.has)).toEqual([true, false, false]);
});

test('beyond the limit, it has all places of the partition before the oldest one', () => {
  const places = createPlaceSet([0, 1], 3);
  for (const offset of [4, 9, 2]) places.add(place(0, offset));
  expect([0, 1, 2, 3, 4, 5].map((offset) => places.has(place(0, offset)))).toEqual([
    false,
    false,
    true,
    false,
    true,
    false,
  ]);
  places.add(place(0, 11));
  expect([0, 4, 5, 9, 10, 11].map((offset) => places.has(place(0, offset)))).toEqual([
    true,
    true,
    false,
    true,
    false,
    true,
  ]);
  expect(places.has(place(1, 0))).toBe(false);
});

test('a partition that the topic does not have has no places', () => {
  const places = createPlaceSet([0], 1);
  for (let partition = 1; partition < 100; partition++) places.add(place(partition, 0));
  places.add(place(0, 7));
  expect([place(0, 6), place(0, 7), place(7, 0)].map(places.has)).toEqual([false, true, false]);
});
