import { expect, test } from 'vitest';
import { growthPerMillion } from './growth.js';

test.each([
  [0, 12],
  [3, 12],
  [-1, 200],
])('a heap that grows by %d MB per million commands from %d MB', (slope, start) => {
  const heaps = [0, 1, 2, 3, 4].map((twentieth) => ({
    commands: twentieth * 50_000,
    bytes: 1e6 * (start + slope * twentieth * 0.05),
  }));
  expect(growthPerMillion(heaps)).toBeCloseTo(slope);
});

test('a heap that goes up and down by the same does not grow', () => {
  const heaps = [10, 14, 10, 14, 10].map((megabytes, index) => ({ commands: index, bytes: megabytes * 1e6 }));
  expect(growthPerMillion(heaps)).toBeCloseTo(0);
});
