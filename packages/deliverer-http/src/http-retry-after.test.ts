import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { retryAfterMs } from './http-retry-after.js';

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 0) }));
afterEach(() => vi.useRealTimers());

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 120 ', 120_000],
  ['999999999999', 86_400_000],
  ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
  ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
  ['Thu Jan  1 12:00:30 2026', 30_000],
  ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ['Fri, 01 Jan 2027 12:00:00 GMT', 86_400_000],
  [undefined, undefined],
  ['', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['2026-01-01T12:00:30Z', undefined],
  ['Xyz, 99 Abc 2026 12:00:30 GMT', undefined],
])('Retry-After: %s asks for a pause of %s ms', (value, expected) => {
  expect(retryAfterMs(value)).toBe(expected);
});
