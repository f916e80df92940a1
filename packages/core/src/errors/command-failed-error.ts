import type { Lifecycle } from '../models/lifecycle.js';
import { PusherError } from './pusher-error.js';

/** A command that was waited for came to another end, or the device's answer does not fit the command. */
export class CommandFailedError extends PusherError {
  /** What became of the command. */
  readonly lifecycle: Lifecycle;

  constructor(message: string, options: { readonly lifecycle: Lifecycle; readonly cause?: unknown }) {
    super(message, { cause: options.cause, code: 'COMMAND_FAILED' });
    this.lifecycle = options.lifecycle;
  }

  static override isInstance(value: unknown): value is CommandFailedError {
    return PusherError.isInstance(value) && value.code === 'COMMAND_FAILED';
  }
}
