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

/** The device is not known to be able to do this. `issues` has every broken rule with its place; nothing was sent. */
export class CapabilityError extends PusherError {
  readonly deviceId: string;
  readonly issues: readonly CapabilityIssue[];

  constructor(
    deviceId: string,
    issues: readonly CapabilityIssue[],
    options: { readonly cause?: unknown } = {},
  ) {
    const problems = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
    super(`beyond what the device "${deviceId}" can do: ${problems}`, {
      ...options,
      code: 'CAPABILITY_MISMATCH',
    });
    this.deviceId = deviceId;
    this.issues = issues;
  }

  static override isInstance(value: unknown): value is CapabilityError {
    return PusherError.isInstance(value) && value.code === 'CAPABILITY_MISMATCH';
  }
}
