import { expect, test } from 'vitest';
import { printable, printableJson } from './printable.js';

const hostile = '\u001b[2J\r\n\t\u0007\u007f\u009b31m\u2028\u2029\u202e\u2066\u061c';

test('text keeps letters of all scripts and loses everything that a terminal interprets', () => {
  expect(printable('größe 大 😀')).toBe('größe 大 😀');
  expect(printable(hostile)).toBe(
    '\\u{1b}[2J\\u{d}\\u{a}\\u{9}\\u{7}\\u{7f}\\u{9b}31m\\u{2028}\\u{2029}\\u{202e}\\u{2066}\\u{61c}',
  );
});

test('JSON has only printable characters and the same value', () => {
  const json = printableJson(JSON.stringify({ [hostile]: hostile }));
  expect(json).toBe(printable(json));
  expect(JSON.parse(json)).toEqual({ [hostile]: hostile });
});
