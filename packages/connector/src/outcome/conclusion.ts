import type { CommandState, Evidence, JsonValue } from '@preservarium/core';
import type { DeadLetterReason } from '@preservarium/dead-letters';

/** How a command ended. A dead letter is kept of those that say why. */
export interface Conclusion {
  readonly state: CommandState;
  readonly evidence?: Evidence;
  readonly reason?: string;
  readonly result?: JsonValue | undefined;
  readonly deadLetter?: DeadLetterReason;
}

/** Why a command waits. */
export interface Wait {
  readonly reason: string;
  /** Undefined where the command has others before it. */
  readonly nextAttemptAt?: Date;
  /** The request id of the command that goes before it. */
  readonly behind?: string | undefined;
}

/** Why a record becomes a dead letter that is not a command to conclude. */
export interface RecordProblem {
  readonly reason: DeadLetterReason;
  readonly message: string;
}
