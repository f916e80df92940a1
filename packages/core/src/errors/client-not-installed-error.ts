import { PusherError } from './pusher-error.js';

/** The Kafka client that a backend needs is not installed or was built for another version of Node. */
export class ClientNotInstalledError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'CLIENT_NOT_INSTALLED' });
  }

  static override isInstance(value: unknown): value is ClientNotInstalledError {
    return PusherError.isInstance(value) && value.code === 'CLIENT_NOT_INSTALLED';
  }
}
