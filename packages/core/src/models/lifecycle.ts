import type { JsonValue } from './json-value.js';
import type { CommandState, Evidence, LifecycleEvent } from './lifecycle-event.js';

/** What became of one command, put together from its lifecycle events. */
export interface Lifecycle {
  readonly requestId: string;
  readonly deviceId: string;
  readonly commandType: string | undefined;
  readonly protocol: string | undefined;
  /** Where the command stands. */
  readonly state: CommandState;
  /** Whether it stays there. */
  readonly isFinal: boolean;
  /** When it came into the state. */
  readonly timestamp: Date;
  /** What proves the state. */
  readonly evidence: Evidence | undefined;
  /** Why it is in the state, in words. */
  readonly reason: string | undefined;
  /** What the device answered, if it did. */
  readonly result: JsonValue | undefined;
  /** One event for each state that it has been in, the oldest first. */
  readonly events: readonly LifecycleEvent[];
}
