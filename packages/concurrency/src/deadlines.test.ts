import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDeadlines } from './index.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('reports what is not removed before its deadline', async () => {
  const passed: string[] = [];
  const deadlines = createDeadlines<string>((item) => passed.push(item));
  const removed = deadlines.add('removed', 100);
  deadlines.add('late', 100);
  deadlines.remove('removed', removed);
  await vi.advanceTimersByTimeAsync(120);
  expect(passed).toEqual(['late']);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2 ** 31])(
  'a timeout of %d ms is a long time',
  async (timeoutMs) => {
    const passed: string[] = [];
    const deadlines = createDeadlines<string>((item) => passed.push(item));
    deadlines.add('patient', timeoutMs);
    await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
    expect(passed).toEqual([]);
    expect(deadlines.items()).toEqual(['patient']);
  },
);
