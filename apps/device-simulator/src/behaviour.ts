import { setTimeout as pause } from 'node:timers/promises';
import type { Execute } from './device.js';

export interface BehaviourOptions {
  /** Share of commands whose execution fails, from 0 to 1. */
  readonly failShare: number;
  /** Duration of an execution, in milliseconds. */
  readonly answerAfterMs: number;
  /** Returns a number from 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Returns how devices execute commands: some fail, the others succeed with their payload as result. */
export function createBehaviour({
  failShare,
  answerAfterMs,
  random = Math.random,
}: BehaviourOptions): Execute {
  return async ({ payload }, signal) => {
    if (answerAfterMs > 0) await pause(answerAfterMs, undefined, { signal });
    if (random() < failShare) return { status: 'failed', reason: 'simulated failure' };
    return { status: 'succeeded', result: { applied: payload } };
  };
}
