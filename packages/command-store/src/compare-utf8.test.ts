import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareUtf8 } from './compare-utf8.js';

test('texts are compared as their bytes are', () => {
  // Few characters, so that texts share beginnings.
  const unit = fc.constantFrom('a', 'é', '\uD7FF', '\uE000', '\uFFFD', '\u{10000}', '\u{10FFFF}');
  const text = fc.array(unit, { maxLength: 4 }).map((units) => units.join(''));
  fc.assert(
    fc.property(text, text, (one, other) => {
      const expected = Buffer.compare(Buffer.from(one), Buffer.from(other));
      expect(Math.sign(compareUtf8(one, other))).toBe(expected);
    }),
  );
});
