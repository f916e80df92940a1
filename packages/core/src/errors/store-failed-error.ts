import { PusherError } from './pusher-error.js';

/** A command store's database did not do what it was asked, for a reason that has no other code; `cause` has its own error. */
export class StoreFailedError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'STORE_FAILED' });
  }

  static override isInstance(value: unknown): value is StoreFailedError {
    return PusherError.isInstance(value) && value.code === 'STORE_FAILED';
  }
}
