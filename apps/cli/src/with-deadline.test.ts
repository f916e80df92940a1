import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withDeadline } from './with-deadline.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => {});

test('the result, and no timer is left', async () => {
  const { signal } = new AbortController();
  expect(await withDeadline('list', Promise.resolve(7), { timeoutMs: 1000, signal })).toBe(7);
  expect(vi.getTimerCount()).toBe(0);
});

test('BACKEND_UNAVAILABLE at the deadline', async () => {
  const { signal } = new AbortController();
  const waiting = expect(withDeadline('list', never, { timeoutMs: 1000, signal })).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: 'list: Kafka did not answer within 1000 ms; check --brokers',
  });
  await vi.advanceTimersByTimeAsync(1000);
  await waiting;
});

test('ABORTED on the signal, also when it came before', async () => {
  const controller = new AbortController();
  const options = { timeoutMs: 1000, signal: controller.signal };
  const waiting = withDeadline('list', never, options);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(withDeadline('list', never, options)).rejects.toMatchObject({ code: 'ABORTED' });
});
