import { maxIssues } from '../limits.js';
import { describeIssues } from '../models/describe-issues.js';
import { type CauseOption, hasCode, PusherError } from './pusher-error.js';

/** One problem of an input. */
export interface ValidationIssue {
  /** The place in the input, such as `payload.led.color` or `payload.list[2]`; empty for the input itself. */
  readonly path: string;
  /** The problem and the allowed values. */
  readonly message: string;
}

/** The input breaks rules. `issues` has the first 20 of them with their places; nothing was sent. */
export class ValidationError extends PusherError {
  readonly issues: readonly ValidationIssue[];

  /** @param what the name of the input in the message, for example `command` */
  constructor(what: string, issues: readonly ValidationIssue[], options: CauseOption = {}) {
    super(`invalid ${what}: ${describeIssues(issues)}`, { ...options, code: 'VALIDATION_FAILED' });
    this.issues = issues.slice(0, maxIssues);
  }

  static override isInstance(value: unknown): value is ValidationError {
    return hasCode(value, 'VALIDATION_FAILED');
  }
}
