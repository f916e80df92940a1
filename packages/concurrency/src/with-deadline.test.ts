import { ClosedError } from '@preservarium/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settledWithin, withDeadline } from './index.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => {});
const options = { doing: 'list the topics', timeoutMs: 1000 };

test('the result, and no timer is left', async () => {
  expect(await withDeadline(Promise.resolve(7), options)).toBe(7);
  expect(vi.getTimerCount()).toBe(0);
});

test('BACKEND_UNAVAILABLE at the deadline, or the error of the caller', async () => {
  const waiting = expect(withDeadline(never, options)).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringMatching(/^cannot list the topics: no answer from Kafka within 1000 ms; check /),
  });
  const closing = withDeadline(never, { ...options, timedOut: () => new ClosedError('it') });
  const closed = expect(closing).rejects.toMatchObject({ code: 'CLOSED' });
  await vi.advanceTimersByTimeAsync(1000);
  await waiting;
  await closed;
});

test('ABORTED on the signal, also when it came before', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = { code: 'ABORTED', message: 'list the topics was aborted by its signal' };
  const waiting = withDeadline(never, { ...options, signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject(aborted);
  await expect(withDeadline(never, { ...options, signal })).rejects.toMatchObject(aborted);
});

test('settledWithin says whether it settled, however it did', async () => {
  expect(await settledWithin(Promise.resolve(), 1000)).toBe(true);
  expect(await settledWithin(Promise.reject(new Error('no')), 1000)).toBe(true);
  const late = settledWithin(never, 1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await late).toBe(false);
});

test.each([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2 ** 31])(
  'a timeout of %d ms is a long time',
  async (timeoutMs) => {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    void settledWithin(never, timeoutMs).then(end);
    void withDeadline(never, { ...options, timeoutMs }).catch(end);
    await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
    expect(isOver).toBe(false);
  },
);

test('a deadline of a fraction of a millisecond is printed as a whole number', async () => {
  const waiting = withDeadline(new Promise(() => {}), { doing: 'push', timeoutMs: 1.990642 });
  const outcome = expect(waiting).rejects.toThrow('no answer from Kafka within 2 ms');
  await vi.advanceTimersByTimeAsync(2);
  await outcome;
});
