import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draw, jsonLike, text } from './inputs.js';

const input = jsonLike({ name: text, count: fc.nat() });
const drawAll = (seed: number) => [...draw(input, 1_200, seed)].flat();

test('a seed draws the same inputs again, and another seed others', () => {
  expect(drawAll(7)).toHaveLength(1_200);
  expect(drawAll(7)).toEqual(drawAll(7));
  expect(drawAll(7)).not.toEqual(drawAll(8));
});

test('some inputs are good, and some are no JSON', () => {
  const isGood = (content: Buffer) => {
    try {
      const value = JSON.parse(String(content));
      return typeof value?.name === 'string' && typeof value.count === 'number';
    } catch {
      return false;
    }
  };
  const good = drawAll(1).filter(isGood).length;
  expect(good).toBeGreaterThan(200);
  expect(good).toBeLessThan(1_000);
});
