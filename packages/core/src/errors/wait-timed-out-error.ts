import type { Lifecycle } from '../models/lifecycle.js';
import type { CommandState } from '../models/lifecycle-event.js';
import { PusherError } from './pusher-error.js';

/** A command did not come into the state that was waited for before the deadline. It goes on its way all the same. */
export class WaitTimedOutError extends PusherError {
  /** How long the wait was allowed to take, in milliseconds. */
  readonly timeoutMs: number;
  /** What is known of the command so far; absent where nothing is, not even that the brokers have it. */
  readonly lifecycle: Lifecycle | undefined;

  constructor(
    until: CommandState,
    timeoutMs: number,
    options: { readonly lifecycle?: Lifecycle | undefined; readonly cause?: unknown } = {},
  ) {
    const state = options.lifecycle?.state;
    const soFar = state === undefined ? 'nothing has been heard of it' : `it is ${state}`;
    super(`the command was not ${until} within ${timeoutMs} ms: ${soFar}; it may still come to that`, {
      cause: options.cause,
      code: 'WAIT_TIMED_OUT',
    });
    this.timeoutMs = timeoutMs;
    this.lifecycle = options.lifecycle;
  }

  static override isInstance(value: unknown): value is WaitTimedOutError {
    return PusherError.isInstance(value) && value.code === 'WAIT_TIMED_OUT';
  }
}
