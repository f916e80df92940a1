/** A problem of a deployment. */
export interface Finding {
  /** `fail`: commands can be lost, forged or stuck. `warn`: they can in a case that the operator may accept. */
  readonly level: 'fail' | 'warn';
  /** The part, for example `topic device_commands`. */
  readonly subject: string;
  /** The fact. */
  readonly what: string;
  /** The consequence. */
  readonly why: string;
  /** A command line, or what to set. */
  readonly run: string;
}

export const fail = (finding: Omit<Finding, 'level'>): Finding => ({ level: 'fail', ...finding });
export const warn = (finding: Omit<Finding, 'level'>): Finding => ({ level: 'warn', ...finding });
