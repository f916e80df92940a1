import { pace } from './pace.js';

/** Node fires a timer with a longer delay at once. */
const maxDelayMs = 2 ** 31 - 1;

export interface Timer {
  /** Does not keep the process alive. */
  unref(): Timer;
  /** Calls nothing from now on. */
  clear(): void;
}

/**
 * Calls back after a delay; thousands of timers that pass together call back in several turns of the event loop.
 *
 * @param delayMs `Infinity` and everything beyond 2^31-1 is 24 days
 */
export function startTimer(onPassed: () => void, delayMs: number): Timer {
  let drop = () => {};
  const timer = setTimeout(() => {
    drop = pace(onPassed);
  }, timerDelay(delayMs));
  return {
    unref() {
      timer.unref();
      return this;
    },
    clear() {
      clearTimeout(timer);
      drop();
    },
  };
}

/** Returns a delay that `setTimeout` keeps: `Infinity` and what is beyond 2^31-1 ms become 24 days, what has passed becomes 0. */
export function timerDelay(timeoutMs: number): number {
  return Math.min(Math.max(0, timeoutMs), maxDelayMs);
}
