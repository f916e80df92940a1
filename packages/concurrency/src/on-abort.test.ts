import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { onAbort } from './on-abort.js';

describe('onAbort', () => {
  test('calls each listener once, and not those that stopped', () => {
    const controller = new AbortController();
    const [first, stopped, last] = [vi.fn(), vi.fn(), vi.fn()];
    onAbort(controller.signal, first);
    const stop = onAbort(controller.signal, stopped);
    onAbort(controller.signal, last);
    stop();
    controller.abort();
    controller.abort();
    expect([first, stopped, last].map((listener) => listener.mock.calls.length)).toEqual([1, 0, 1]);
  });

  test('adds one event listener to a signal, however many wait on it', () => {
    const { signal } = new AbortController();
    for (let wait = 0; wait < 100; wait++) onAbort(signal, () => {});
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });
});
