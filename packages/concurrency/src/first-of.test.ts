import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFirstOf } from './first-of.js';

test('keeps the first in order, whatever the order in which they are added', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (numbers, max) => {
      const first = createFirstOf<number>(max, (one, other) => one - other);
      for (const number of numbers) first.add(number);
      const sorted = numbers.toSorted((one, other) => one - other);
      expect(first.items()).toEqual(sorted.slice(0, max));
      expect(first.left()).toBe(sorted.slice(max).length);
    }),
  );
});

test('keeps as many as have few enough bytes, and nothing after the first that is left out', () => {
  interface Item {
    readonly at: number;
    readonly bytes: number;
  }
  const bytes = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(fc.array(bytes), fc.integer({ min: 1, max: 20 }), fc.nat(), (sizes, max, seed) => {
      const items = sizes.map((size, at): Item => ({ at, bytes: size }));
      const first = createFirstOf<Item>(max, (one, other) => one.at - other.at, {
        maxBytes: 50,
        sizeOf: (item) => item.bytes,
      });
      const shuffled = items.toSorted((one, other) => order(one.at) - order(other.at));
      for (const item of shuffled) first.add(item);
      let sum = 0;
      const end = items.findIndex((item, index) => {
        sum += item.bytes;
        return index >= max || (index > 0 && sum > 50);
      });
      expect(first.items()).toEqual(end === -1 ? items : items.slice(0, end));
      expect(first.left()).toBe(end === -1 ? 0 : items.length - end);

      function order(at: number): number {
        return (at * 7_919 + seed) % 101;
      }
    }),
  );
});

test('an item that is too large is kept alone', () => {
  const first = createFirstOf<number>(10, (one, other) => one - other, { maxBytes: 5, sizeOf: () => 6 });
  for (const number of [3, 1, 2]) first.add(number);
  expect(first.items()).toEqual([1]);
  expect(first.left()).toBe(2);
});
