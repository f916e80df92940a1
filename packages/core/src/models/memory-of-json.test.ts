import { expect, test } from 'vitest';
import { memoryOfJson } from './memory-of-json.js';

test('counts content, and each value and key beside it', () => {
  expect(memoryOfJson('abc')).toBe(memoryOfJson('') + 3);
  expect(memoryOfJson([1, null, true])).toBe(memoryOfJson([]) + 3 * memoryOfJson(1));
  expect(memoryOfJson({ abc: 'x' })).toBeGreaterThan(memoryOfJson({}) + memoryOfJson('x') + 3);
});

test('many empty objects count more than their text', () => {
  const value = Array.from({ length: 1_000 }, () => ({}));
  expect(memoryOfJson(value)).toBeGreaterThan(20 * JSON.stringify(value).length);
});
