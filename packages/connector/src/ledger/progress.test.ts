import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeProgress, encodeProgress } from './progress.js';

const offsets = fc
  .uniqueArray(fc.nat({ max: 2 ** 40 }), { maxLength: 50 })
  .map((list) => list.sort((a, b) => a - b));

test('decoding gives what was encoded', () => {
  const count = fc.nat({ max: 2 ** 42 });
  const progress = fc.record({
    generation: fc.nat({ max: 8_000 }),
    nextOffset: count,
    open: offsets,
    writtenAtMs: count,
    last: fc.option(fc.record({ offset: count, timestampMs: count, hash: count }), { nil: undefined }),
    repeatsBelow: count,
    deferredRepeatsBelow: count,
    signatures: fc.option(
      fc.array(fc.record({ offset: count, issuedAtMs: count, digest: fc.string() }), { minLength: 1 }),
      {
        nil: undefined,
      },
    ),
  });
  fc.assert(
    fc.property(progress, (given) => {
      expect(decodeProgress(encodeProgress(given))).toEqual(given);
    }),
  );
});

const rest = '"generation":0,"writtenAtMs":0,"repeatsBelow":0,"deferredRepeatsBelow":0';
test.each([
  null,
  '',
  '{',
  '[]',
  'null',
  `{"nextOffset":-1,"open":[],${rest}}`,
  `{"nextOffset":1,"open":["1"],${rest}}`,
  `{"nextOffset":1,"open":[],"last":{"offset":0},${rest}}`,
  `{"nextOffset":1,"open":[],"signatures":[1,2],${rest}}`,
  `{"nextOffset":1,"open":[],"signatures":[-1,2,"s"],${rest}}`,
  '{"nextOffset":1,"open":[]}',
])('anything else is unreadable: %s', (text) => {
  expect(decodeProgress(text === null ? null : Buffer.from(text))).toBeUndefined();
});
