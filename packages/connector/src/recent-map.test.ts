import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecentMap } from './recent-map.js';

test('the latest keys are remembered with their newest values, the others are not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom(...'abcdefgh')), (limit, keys) => {
      const recent = createRecentMap<number>(limit);
      let expected = new Map<string, number>();
      for (const [position, key] of keys.entries()) {
        recent.set(key, position);
        expected.set(key, position);
        expected = new Map([...expected].slice(-limit));
      }
      for (const key of 'abcdefgh') expect(recent.get(key)).toBe(expected.get(key));
    }),
  );
});
