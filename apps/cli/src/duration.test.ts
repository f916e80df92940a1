import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { parseDuration, parseTimeout } from './duration.js';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5s', 1500],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
])('%s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '30', 's', '-1s', '0s', '0.1ms', '1 s', '1w', '1e3s', '99999999999999999d'])(
  'not %o',
  (text) => {
    expect(() => parseDuration(text)).toThrow(InvalidArgumentError);
  },
);

test('a timeout is at most what a timer takes, so that a long one does not end at once', () => {
  expect(parseTimeout('5s')).toBe(5_000);
  expect(parseTimeout('30d')).toBe(2 ** 31 - 1);
});
