import type { CommandState, Evidence, LifecycleEvent } from '@preservarium/core';
import { isFinal } from '@preservarium/tracking';
import type { ExpectedEnd } from './demo-push.js';

/** A state that a command was in, and what was said about it. */
export interface Step {
  readonly state: CommandState;
  readonly evidence: readonly Evidence[];
  /** The last attempt that it was about. */
  readonly attempt?: number;
  readonly reason?: string;
}

export type StepEvent = Pick<LifecycleEvent, 'state' | 'evidence' | 'attempt' | 'reason'>;

/**
 * The steps after one more event. Several events of one state are one step; and what is known before Kafka or the broker has
 * answered stands behind what they say.
 */
export function withEvent(steps: readonly Step[], event: StepEvent): readonly Step[] {
  const last = steps.at(-1);
  if (last === undefined) return [toStep(event)];
  const before = steps.slice(0, -1);
  if (last.state === event.state) return [...before, merge(last, toStep(event))];
  if (event.state === 'published' || (event.state === 'delivered' && isFinal(last.state))) {
    return [...withEvent(before, event), last];
  }
  return [...steps, toStep(event)];
}

function merge(step: Step, other: Step): Step {
  return { ...step, ...other, evidence: [...new Set([...step.evidence, ...other.evidence])] };
}

function toStep({ state, evidence, attempt, reason }: StepEvent): Step {
  return {
    state,
    evidence: evidence === undefined ? [] : [evidence],
    ...(attempt !== undefined && { attempt }),
    ...(reason !== undefined && { reason }),
  };
}

/** Whether nothing more is to be waited for: it ended as it should, or otherwise for good. */
export function hasEnded(steps: readonly Step[], ends: ExpectedEnd): boolean {
  const last = steps.at(-1);
  return last !== undefined && (isFinal(last.state) || findProblem(steps, ends) === undefined);
}

/** What is not as it should be; undefined where all is. */
export function findProblem(steps: readonly Step[], ends: ExpectedEnd): string | undefined {
  const last = steps.at(-1);
  if (last === undefined) return `should be ${ends.state}, and nothing is known of it`;
  if (last.state !== ends.state) {
    return `should be ${ends.state}, and is ${last.state}${last.reason === undefined ? '' : ` (${last.reason})`}`;
  }
  if (ends.evidence !== undefined && !last.evidence.includes(ends.evidence)) {
    return `is ${last.state}, but ${ends.evidence} is not what proves it`;
  }
  if (ends.after !== undefined && !steps.some(({ state }) => state === ends.after)) {
    return `is ${last.state}, and was never ${ends.after}`;
  }
  return undefined;
}

/** One step in words: `dispatched (2 attempts)`, `delivered (gateway, device)`. */
export function describeStep({ state, evidence, attempt = 1 }: Step): string {
  if (state === 'dispatched') return attempt === 1 ? state : `${state} ×${attempt}`;
  return state === 'delivered' ? `${state} (${evidence.join(', ')})` : state;
}

/** An event in words: `delivered (gateway)`, `waiting: the device has not asked yet`. */
export function describeEvent({ state, evidence, reason }: StepEvent): string {
  const proof = evidence === undefined ? '' : ` (${evidence})`;
  return `${state}${proof}${reason === undefined ? '' : `: ${reason}`}`;
}
