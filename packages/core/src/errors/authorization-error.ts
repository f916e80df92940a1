import { PusherError } from './pusher-error.js';

/** The credentials are good, but the brokers do not allow this operation to them. */
export class AuthorizationError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'AUTHORIZATION_FAILED' });
  }

  static override isInstance(value: unknown): value is AuthorizationError {
    return PusherError.isInstance(value) && value.code === 'AUTHORIZATION_FAILED';
  }
}
