import { maxIssues } from '../limits.js';
import { describeIssues } from '../models/describe-issues.js';
import { PusherError } from './pusher-error.js';

/** One thing that is wrong with an input. */
export interface ValidationIssue {
  /** Where in the input: `payload.led.color`, `payload.list[2]`; empty for the input itself. */
  readonly path: string;
  /** What is wrong there and what is allowed. */
  readonly message: string;
}

/** The input breaks rules. `issues` has the first 20 of them with their places; nothing was sent. */
export class ValidationError extends PusherError {
  readonly issues: readonly ValidationIssue[];

  /** @param what the input's name in the message, for example `command` */
  constructor(what: string, issues: readonly ValidationIssue[], options: { readonly cause?: unknown } = {}) {
    super(`invalid ${what}: ${describeIssues(issues)}`, {
      ...options,
      code: 'VALIDATION_FAILED',
    });
    this.issues = issues.slice(0, maxIssues);
  }

  static override isInstance(value: unknown): value is ValidationError {
    return PusherError.isInstance(value) && value.code === 'VALIDATION_FAILED';
  }
}
