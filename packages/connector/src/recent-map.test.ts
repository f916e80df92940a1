import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecentMap } from './recent-map.js';

const letters = [...'abcdefghijkl'];

test('the latest keys are remembered with their newest values, and no more than twice as many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom(...letters)), (atLeast, keys) => {
      const recent = createRecentMap<number>(atLeast);
      const newest = new Map<string, number>();
      for (const [position, key] of keys.entries()) {
        recent.set(key, position);
        newest.delete(key);
        newest.set(key, position);
      }
      const latest = [...newest.keys()].slice(-atLeast);
      for (const key of latest) expect(recent.get(key)).toBe(newest.get(key));
      const remembered = letters.filter((key) => recent.get(key) !== undefined);
      for (const key of remembered) expect(recent.get(key)).toBe(newest.get(key));
      expect(remembered.length).toBeLessThanOrEqual(2 * atLeast);
    }),
  );
});
