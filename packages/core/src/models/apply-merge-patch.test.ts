import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyMergePatch, type JsonObject } from '../index.js';

// The examples of RFC 7396, appendix A, whose target and patch are objects.
test.each<[JsonObject, JsonObject, JsonObject]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{ a: 'foo' }, { a: { b: 1 } }, { a: { b: 1 } }],
])('%j and %j make %j', (target, patch, merged) => {
  expect(applyMergePatch(target, patch)).toStrictEqual(merged);
});

test('a key named "__proto__" is a key like any other', () => {
  const patch = JSON.parse('{"__proto__":{"a":1}}');
  expect(JSON.stringify(applyMergePatch({}, patch))).toBe('{"__proto__":{"a":1}}');
});

const document: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }))
  .map((value) => JSON.parse(JSON.stringify(value)));

test('the same patch again changes nothing, and no patch changes its target', () => {
  fc.assert(
    fc.property(document, document, (target, patch) => {
      const before = structuredClone(target);
      const once = applyMergePatch(target, patch);
      expect(applyMergePatch(once, patch)).toStrictEqual(once);
      expect(target).toStrictEqual(before);
    }),
  );
});
