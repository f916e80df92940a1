import { PusherError } from './pusher-error.js';

/** The database of a command store could not be reached, or is too busy to answer in time. */
export class StoreUnavailableError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'STORE_UNAVAILABLE', retryable: true });
  }

  static override isInstance(value: unknown): value is StoreUnavailableError {
    return PusherError.isInstance(value) && value.code === 'STORE_UNAVAILABLE';
  }
}
