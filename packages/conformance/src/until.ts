import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

const pollMs = 50;

/** Resolves when the condition holds; throws with `what` where it does not within `timeoutMs`. */
export async function until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `not within ${timeoutMs} ms: ${what}`);
    await pause(pollMs);
  }
}
