import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeProgress, encodeProgress } from './progress.js';

const offsets = fc
  .uniqueArray(fc.nat({ max: 2 ** 40 }), { maxLength: 50 })
  .map((list) => list.sort((a, b) => a - b));

test('decoding gives what was encoded', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 2 ** 41 }),
      offsets,
      fc.nat({ max: 2 ** 42 }),
      (nextOffset, open, writtenAtMs) => {
        const progress = { nextOffset, open, writtenAtMs };
        expect(decodeProgress(encodeProgress(progress))).toEqual(progress);
      },
    ),
  );
});

test.each([
  null,
  '',
  '{',
  '[]',
  'null',
  '{"next":-1,"open":[],"written":0}',
  '{"next":1,"open":["1"],"written":0}',
])('anything else is unreadable: %s', (text) => {
  expect(decodeProgress(text === null ? null : Buffer.from(text))).toBeUndefined();
});
