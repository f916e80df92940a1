import { applyMergePatch, exactNumbers, type JsonObject, parseExactJson } from '@preservarium/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settingsDifference } from './settings-difference.js';

test.each<[string, JsonObject, JsonObject, JsonObject]>([
  ['nothing desired', {}, { a: 1 }, {}],
  ['nothing reported', { a: 1, b: { c: 2 } }, {}, { a: 1, b: { c: 2 } }],
  ['within objects, key by key', { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 2 } }],
  ['arrays as a whole', { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, { a: [1, { b: 2 }] }],
  ['an object in place of a value', { a: { b: 1 } }, { a: 1 }, { a: { b: 1 } }],
  ['an empty object that is not there', { a: {} }, {}, { a: {} }],
  ['a key that is to be removed', { a: null }, { a: 1 }, { a: null }],
  ['a key that is removed already', { a: null, b: { c: null } }, { b: {} }, {}],
])('%s', (_, desired, reported, difference) => {
  expect(settingsDifference(desired, reported)).toStrictEqual(difference);
});

const document: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue({ maxDepth: 3 }))
  .map((value) => JSON.parse(JSON.stringify(value)));

test('a device that does what it lacks is in sync, and what only it has stays', () => {
  fc.assert(
    fc.property(document, document, (desired, reported) => {
      const now = applyMergePatch(reported, settingsDifference(desired, reported));
      expect(settingsDifference(desired, now)).toStrictEqual({});
      for (const key of Object.keys(reported)) {
        if (!Object.hasOwn(desired, key)) expect(now[key]).toStrictEqual(reported[key]);
      }
    }),
  );
});

test('numbers are compared and kept with all their digits', () => {
  const difference = (desired: string, reported: string) =>
    JSON.stringify(
      exactNumbers(
        settingsDifference(parseExactJson(desired) as JsonObject, parseExactJson(reported) as JsonObject),
      ),
    );
  expect(difference('{"a":{"id":1724442618569203714}}', '{"a":{"id":1724442618569203700}}')).toBe(
    '{"a":{"id":1724442618569203714}}',
  );
  expect(difference('{"a":[21.0],"b":1e2}', '{"a":[21],"b":100}')).toBe('{}');
  expect(difference('{"a":21.0}', '{}')).toBe('{"a":21.0}');
});
