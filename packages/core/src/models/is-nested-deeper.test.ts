import { expect, test } from 'vitest';
import { nestedArrays } from '../../test/hostile-json.js';
import { isNestedDeeper } from './is-nested-deeper.js';

test.each([
  ['a text', '"a"', 0, false],
  ['an object at level 1', '{}', 1, false],
  ['an object below no level', '{}', 0, true],
  ['64 levels', nestedArrays(64), 64, false],
  ['65 levels', nestedArrays(65), 64, true],
  ['65 levels beside shallow ones', `[1,[],{"a":${nestedArrays(63)}}]`, 64, true],
  ['a million levels', nestedArrays(1_000_000), 64, true],
])('%s', (_, json, maxDepth, expected) => {
  expect(isNestedDeeper(JSON.parse(json), maxDepth)).toBe(expected);
});
