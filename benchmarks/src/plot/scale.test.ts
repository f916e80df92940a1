import { expect, test } from 'vitest';
import { linearScale, logScale } from './scale.js';

test('a logarithmic scale runs between powers of ten', () => {
  const { place, ticks } = logScale([70, 300, 20_000]);
  expect(ticks).toEqual([10, 100, 1_000, 10_000, 100_000]);
  expect(place(10)).toBe(0);
  expect(place(1_000)).toBe(0.5);
  expect(place(100_000)).toBe(1);
});

test('a logarithmic scale has room for a single value', () => {
  const { place, ticks } = logScale([100]);
  expect(ticks).toEqual([100, 1_000]);
  expect(place(100)).toBe(0);
});

test.each([
  [
    [3, 7],
    [0, 2, 4, 6, 8],
  ],
  [[120], [0, 20, 40, 60, 80, 100, 120]],
  [[0.031], [0, 0.01, 0.02, 0.03, 0.04]],
])('a linear scale to the highest of %j has round steps', (values, ticks) => {
  const scale = linearScale(values);
  expect(scale.ticks.map((tick) => Number(tick.toPrecision(6)))).toEqual(ticks);
  expect(scale.place(0)).toBe(0);
  expect(scale.place(ticks.at(-1) ?? Number.NaN)).toBeCloseTo(1);
});
