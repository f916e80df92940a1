/** Node fires a timer with a longer delay at once. */
const maxDelayMs = 2 ** 31 - 1;

/** Returns a delay that `setTimeout` keeps: `Infinity` and what is beyond 2^31-1 ms become 24 days, what has passed becomes 0. */
export function timerDelay(timeoutMs: number): number {
  return Math.min(Math.max(0, timeoutMs), maxDelayMs);
}
