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
