import { setTimeout as pause } from 'node:timers/promises';
import type { Execute } from './device.js';

export interface BehaviourOptions {
  /** Share of commands whose execution fails, from 0 to 1. */
  readonly failShare: number;
  /** How long an execution takes, in milliseconds. */
  readonly answerAfterMs: number;
  /** From 0 to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** Devices that do what they are told, or fail now and then. The result of a command is what was applied. */
export function createBehaviour({
  failShare,
  answerAfterMs,
  random = Math.random,
}: BehaviourOptions): Execute {
  return async ({ payload }, signal) => {
    if (answerAfterMs > 0) await pause(answerAfterMs, undefined, { signal });
    if (random() < failShare) return { status: 'failed', reason: 'told to fail' };
    return { status: 'succeeded', result: { applied: payload } };
  };
}
