import { PusherError } from './pusher-error.js';

/** A subscription stopped and could not be restarted; `cause` has the client's last error. */
export class SubscriptionFailedError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'SUBSCRIPTION_FAILED' });
  }

  static override isInstance(value: unknown): value is SubscriptionFailedError {
    return PusherError.isInstance(value) && value.code === 'SUBSCRIPTION_FAILED';
  }
}
