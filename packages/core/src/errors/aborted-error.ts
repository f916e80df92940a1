import { PusherError } from './pusher-error.js';

/**
 * The caller aborted the wait through its `AbortSignal`. What was already handed to the brokers may
 * still be written.
 */
export class AbortedError extends PusherError {
  constructor(operation: string, options: { readonly cause?: unknown } = {}) {
    super(`${operation} was aborted by its signal`, { ...options, code: 'ABORTED' });
  }

  static override isInstance(value: unknown): value is AbortedError {
    return PusherError.isInstance(value) && value.code === 'ABORTED';
  }
}
