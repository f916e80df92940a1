import { PusherError } from './pusher-error.js';

/**
 * The brokers refused a record for a reason that has no code of its own here; `cause` has the client's
 * error.
 */
export class PublishFailedError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'PUBLISH_FAILED' });
  }

  static override isInstance(value: unknown): value is PublishFailedError {
    return PusherError.isInstance(value) && value.code === 'PUBLISH_FAILED';
  }
}
