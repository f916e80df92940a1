import type { JsonValue } from './json-value.js';
import type { CommandState, Evidence, LifecycleEvent } from './lifecycle-event.js';

/**
 * The history of one command, composed of its lifecycle events.
 *
 * @template Result the type of the device's answer, if the command declares one with `defineCommand`
 */
export interface Lifecycle<Result = JsonValue | undefined> {
  /** The request id of the command. */
  readonly requestId: string;
  /** The target device of the command. */
  readonly deviceId: string;
  /** The command type; undefined if no event names it. */
  readonly commandType: string | undefined;
  /** The protocol; undefined if no event names it. */
  readonly protocol: string | undefined;
  /** The issuer; undefined if no event names it. */
  readonly issuedBy: string | undefined;
  /** The current state of the command. */
  readonly state: CommandState;
  /** Returns true for a final state. */
  readonly isFinal: boolean;
  /** Time at which the command reached the state. */
  readonly timestamp: Date;
  /** The proof of the state. */
  readonly evidence: Evidence | undefined;
  /** The cause of the state, in words. */
  readonly reason: string | undefined;
  /** The answer of the device; undefined if there was none. */
  readonly result: Result;
  /** Time of the next attempt, for a command that waits. */
  readonly nextAttemptAt: Date | undefined;
  /** The request id of the command behind which it waits. */
  readonly behind: string | undefined;
  /** One event for each state that the command had in each of its lives, the oldest first; see `merge` of `@preservarium/tracking`. */
  readonly events: readonly LifecycleEvent[];
}
