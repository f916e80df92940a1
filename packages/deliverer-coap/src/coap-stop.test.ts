import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStop } from './coap-stop.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('stops at the deadline', () => {
  using stop = createStop(1_000, []);
  vi.advanceTimersByTime(1_000);
  expect([stop.signal.aborted, stop.isDeadline()]).toEqual([true, true]);
});

test.each([2 ** 31, Number.POSITIVE_INFINITY])('a timeout of %d ms is a long time', (timeoutMs) => {
  using stop = createStop(timeoutMs, []);
  vi.advanceTimersByTime(24 * 60 * 60_000);
  expect(stop.signal.aborted).toBe(false);
});
