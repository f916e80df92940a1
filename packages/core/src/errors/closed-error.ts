import { PusherError } from './pusher-error.js';

/** The service or the backend was closed before this call. */
export class ClosedError extends PusherError {
  constructor(what: string, options: { readonly cause?: unknown } = {}) {
    super(`${what} is closed; create a new one`, { ...options, code: 'CLOSED' });
  }

  static override isInstance(value: unknown): value is ClosedError {
    return PusherError.isInstance(value) && value.code === 'CLOSED';
  }
}
