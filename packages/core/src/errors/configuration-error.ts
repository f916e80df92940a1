import { PusherError } from './pusher-error.js';

/** A setting has a value that cannot work. The message names the setting, the problem and an example. */
export class ConfigurationError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'CONFIGURATION_INVALID' });
  }

  static override isInstance(value: unknown): value is ConfigurationError {
    return PusherError.isInstance(value) && value.code === 'CONFIGURATION_INVALID';
  }
}
