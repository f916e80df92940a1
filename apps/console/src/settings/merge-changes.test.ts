import { expect, test } from 'vitest';
import { parseExact } from '../api/exact-json.js';
import type { JsonObject } from '../api/types.js';
import { mergeChanges } from './merge-changes.js';

test('changes of both are kept, and those of the same setting are conflicts', () => {
  const base = { rate: 1, led: 'on', zone: { a: 1, b: 2 }, old: true };
  const mine = { rate: 2, led: 'off', zone: { b: 2, a: 1 }, fresh: 1, old: true };
  const theirs = { rate: 3, led: 'on', zone: { a: 9, b: 2 } };
  expect(mergeChanges(base, mine, theirs)).toEqual({
    merged: { rate: 2, led: 'off', zone: { a: 9, b: 2 }, fresh: 1 },
    conflicts: ['rate'],
  });
});

test('digits that a JavaScript number does not keep are changes, and are kept', () => {
  const [base = {}, mine = {}, theirs = {}] = [
    '1724442618569203714',
    '1724442618569203715',
    '1724442618569203714',
  ].map((serial) => parseExact(`{"serial":${serial}}`) as JsonObject);
  const { merged, conflicts } = mergeChanges(base, mine, theirs);
  expect(JSON.stringify(merged)).toBe('{"serial":1724442618569203715}');
  expect(conflicts).toEqual([]);
});

test('the same change of both is no conflict', () => {
  expect(mergeChanges({ rate: 1 }, {}, {})).toEqual({ merged: {}, conflicts: [] });
});
