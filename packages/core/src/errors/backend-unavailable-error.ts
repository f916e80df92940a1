import { PusherError } from './pusher-error.js';

/** No broker could be reached, or the connection broke and did not come back in time. */
export class BackendUnavailableError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'BACKEND_UNAVAILABLE', retryable: true });
  }

  static override isInstance(value: unknown): value is BackendUnavailableError {
    return PusherError.isInstance(value) && value.code === 'BACKEND_UNAVAILABLE';
  }
}
