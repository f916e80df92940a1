import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { beforeDeadline } from './mqtt-before-deadline.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => {});

test('ends at the deadline', async () => {
  const ended = beforeDeadline(never, { timeoutMs: 1_000, signals: [] });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await ended).toEqual({ inTime: false, reason: 'within 1000 ms' });
});

test.each([2 ** 31, Number.POSITIVE_INFINITY])('a timeout of %d ms is a long time', async (timeoutMs) => {
  const onEnd = vi.fn();
  void beforeDeadline(never, { timeoutMs, signals: [] }).then(onEnd);
  await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
  expect(onEnd).not.toHaveBeenCalled();
});
