import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTimeLimit } from './time-limit.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => {});

test('gives the result of a promise that settles in time', async () => {
  using limit = startTimeLimit(1_000, []);
  expect(await limit.within(Promise.resolve('done'))).toBe('done');
  await expect(limit.within(Promise.reject(new TypeError('failed')))).rejects.toThrow('failed');
});

test('ends when the time is over', async () => {
  using limit = startTimeLimit(1_000, []);
  const result = limit.within(never);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await result).toBeUndefined();
  expect([limit.signal.aborted, limit.timedOut()]).toEqual([true, true]);
});

test('ends when a signal aborts, which is no timeout, also when the time is over later', async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  using limit = startTimeLimit(1_000, [first.signal, second.signal]);
  const result = limit.within(never);
  second.abort();
  expect(await result).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([limit.signal.aborted, limit.timedOut()]).toEqual([true, false]);
});

test('has ended where a signal was aborted before', async () => {
  using limit = startTimeLimit(1_000, [AbortSignal.abort()]);
  expect(await limit.within(never)).toBeUndefined();
  expect([limit.signal.aborted, limit.timedOut()]).toEqual([true, false]);
});

test('its end precedes the rejection of what its signal aborts', async () => {
  const controller = new AbortController();
  using limit = startTimeLimit(1_000, [controller.signal]);
  const aborted = new Promise<never>((_, reject) => {
    limit.signal.addEventListener('abort', () => reject(new Error('aborted')));
  });
  const result = limit.within(aborted);
  controller.abort();
  expect(await result).toBeUndefined();
});

test('a disposed limit does not end', async () => {
  const controller = new AbortController();
  const limit = startTimeLimit(1_000, [controller.signal]);
  limit[Symbol.dispose]();
  controller.abort();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(limit.signal.aborted).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([2 ** 31, Number.POSITIVE_INFINITY])('a timeout of %d ms is a long time', async (timeoutMs) => {
  using limit = startTimeLimit(timeoutMs, []);
  await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
  expect(limit.signal.aborted).toBe(false);
});

test('gives the whole time again after a restart, and none after its end', async () => {
  using limit = startTimeLimit(1_000, []);
  await vi.advanceTimersByTimeAsync(999);
  limit.restart();
  await vi.advanceTimersByTimeAsync(999);
  expect(limit.timedOut()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(limit.timedOut()).toBe(true);
  limit.restart();
  expect(vi.getTimerCount()).toBe(0);
});
