import { expect, test } from 'vitest';
import { printable } from './printable.js';

test('what a terminal would obey is escaped, and what it shows is left', () => {
  expect(printable('\u001b[2Ja\nb\u2028c\u202ed\u009b')).toBe(
    '\\u{1b}[2Ja\\u{a}b\\u{2028}c\\u{202e}d\\u{9b}',
  );
  expect(printable('pump-ü-7 水 😀')).toBe('pump-ü-7 水 😀');
});
