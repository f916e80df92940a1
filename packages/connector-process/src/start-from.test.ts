import { expect, test } from 'vitest';
import { startFrom } from './start-from.js';

test.each([
  ['beginning', 'beginning'],
  ['END', 'end'],
  ['45s', { lastMs: 45_000 }],
  ['30m', { lastMs: 1_800_000 }],
  ['1h', { lastMs: 3_600_000 }],
  ['7d', { lastMs: 604_800_000 }],
])('%s', (text, expected) => {
  expect(startFrom.parse(text)).toEqual(expected);
});

test.each(['', 'start', '1', 'h', '0h', '-1h', '1.5h', '1w', '1h30m', '1234567s'])(
  '"%s" is refused',
  (text) => {
    expect(startFrom.safeParse(text).error?.issues[0]?.message).toBe(
      'must be beginning, end or a duration such as 30m, 1h or 7d',
    );
  },
);
