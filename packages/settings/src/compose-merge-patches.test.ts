import { applyMergePatch, type JsonObject } from '@preservarium/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeMergePatches } from './compose-merge-patches.js';

test.each<[string, JsonObject, JsonObject, JsonObject | undefined]>([
  ['other keys', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
  ['the same key', { a: 1 }, { a: null }, { a: null }],
  ['keys within an object', { a: { b: 1, c: 1 } }, { a: { b: 2 } }, { a: { b: 2, c: 1 } }],
  ['an object in place of a value, which also removes what was there', { a: 1 }, { a: { b: 2 } }, undefined],
])('%s', (_, first, second, composed) => {
  expect(composeMergePatches(first, second)).toStrictEqual(composed);
});

const document: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue({ maxDepth: 3 }))
  .map((value) => JSON.parse(JSON.stringify(value)));

test('a composed patch does what its two patches do', () => {
  fc.assert(
    fc.property(document, document, document, (target, first, second) => {
      const composed = composeMergePatches(first, second);
      fc.pre(composed !== undefined);
      const oneByOne = applyMergePatch(applyMergePatch(target, first), second);
      expect(applyMergePatch(target, composed as JsonObject)).toStrictEqual(oneByOne);
    }),
  );
});
