import { printable } from '@preservarium/command-line/process';
import type { CommandState, Evidence, LifecycleEvent } from '@preservarium/core';
import { isFinal } from '@preservarium/tracking';
import type { ExpectedEnd } from './demo-push.js';

/** A state of a command, merged from its events. */
export interface Step {
  readonly state: CommandState;
  readonly evidence: readonly Evidence[];
  /** Last attempt. */
  readonly attempt?: number;
  readonly reason?: string;
}

export type StepEvent = Pick<LifecycleEvent, 'state' | 'evidence' | 'attempt' | 'reason'>;

/**
 * Returns the steps after one more event. Events of one state become one step. A late `published` or `delivered` goes before the step that
 * overtook it.
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

/** Returns whether the lifecycle has ended, as expected or in another final state. */
export function hasEnded(steps: readonly Step[], ends: ExpectedEnd): boolean {
  const last = steps.at(-1);
  return last !== undefined && (isFinal(last.state) || findProblem(steps, ends) === undefined);
}

/** Returns the difference from the expected end; undefined if there is none. */
export function findProblem(steps: readonly Step[], ends: ExpectedEnd): string | undefined {
  const last = steps.at(-1);
  if (last === undefined) return `should be ${ends.state}, but has no lifecycle event`;
  if (last.state !== ends.state) {
    return `should be ${ends.state}, but is ${last.state}${last.reason === undefined ? '' : ` (${printable(last.reason)})`}`;
  }
  if (ends.evidence !== undefined && !last.evidence.includes(ends.evidence)) {
    return `is ${last.state}, but without the evidence ${ends.evidence}`;
  }
  if (ends.after !== undefined && !steps.some(({ state }) => state === ends.after)) {
    return `is ${last.state}, but was never ${ends.after}`;
  }
  return undefined;
}

/** Describes a step: `dispatched ×2`, `delivered (gateway, device)`. */
export function describeStep({ state, evidence, attempt = 1 }: Step): string {
  if (state === 'dispatched') return attempt === 1 ? state : `${state} ×${attempt}`;
  return state === 'delivered' ? `${state} (${evidence.join(', ')})` : state;
}

/** Describes an event: `delivered (gateway)`, `waiting: the device has not polled yet`. */
export function describeEvent({ state, evidence, reason }: StepEvent): string {
  const proof = evidence === undefined ? '' : ` (${evidence})`;
  return `${state}${proof}${reason === undefined ? '' : `: ${printable(reason)}`}`;
}
