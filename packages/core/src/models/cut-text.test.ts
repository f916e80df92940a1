import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutText } from './cut-text.js';

describe('cutText', () => {
  test('keeps a text within the limit', () => {
    expect(cutText('a'.repeat(1_000))).toBe('a'.repeat(1_000));
  });

  test('cuts a longer one to the limit', () => {
    expect(cutText('a'.repeat(600_000))).toBe(`${'a'.repeat(999)}…`);
  });

  test('never exceeds the limit and never cuts a surrogate pair in two', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 12 }), (text, maxCharacters) => {
        const cut = cutText(text, maxCharacters);
        expect(cut.length).toBeLessThanOrEqual(maxCharacters);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });
});
