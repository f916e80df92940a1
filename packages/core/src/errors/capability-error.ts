import { maxIssues } from '../limits.js';
import { cutText } from '../models/cut-text.js';
import { describeIssues } from '../models/describe-issues.js';
import { PusherError } from './pusher-error.js';
import type { ValidationIssue } from './validation-error.js';

/** One way in which a command, settings or a result do not fit what the device can do. */
export interface CapabilityIssue extends ValidationIssue {
  /**
   * The rule that is broken: the place of a keyword in the JSON Schema, `#/properties/state/enum`; or `devices`, `types`,
   * `commands`, `settings` for a name that is not among them.
   */
  readonly rule: string;
}

/** The device is not known to be able to do this. `issues` has the first 20 broken rules with their places; nothing was sent. */
export class CapabilityError extends PusherError {
  readonly deviceId: string;
  readonly issues: readonly CapabilityIssue[];

  constructor(
    deviceId: string,
    issues: readonly CapabilityIssue[],
    options: { readonly cause?: unknown } = {},
  ) {
    super(`beyond what the device "${cutText(deviceId, 256)}" can do: ${describeIssues(issues)}`, {
      ...options,
      code: 'CAPABILITY_MISMATCH',
    });
    this.deviceId = deviceId;
    this.issues = issues.slice(0, maxIssues);
  }

  static override isInstance(value: unknown): value is CapabilityError {
    return PusherError.isInstance(value) && value.code === 'CAPABILITY_MISMATCH';
  }
}
