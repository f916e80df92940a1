import { PusherError } from './pusher-error.js';

/** The brokers refused the credentials, or TLS could not be set up with the certificates given. */
export class AuthenticationError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'AUTHENTICATION_FAILED' });
  }

  static override isInstance(value: unknown): value is AuthenticationError {
    return PusherError.isInstance(value) && value.code === 'AUTHENTICATION_FAILED';
  }
}
