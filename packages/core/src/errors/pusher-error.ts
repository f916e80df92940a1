import { maxMessageCharacters } from '../limits.js';
import { cutText } from '../models/cut-text.js';

/** Every code an error of this project can carry. The list is closed; `docs/errors.md` says what to do about each. */
export type PusherErrorCode =
  | 'ABORTED'
  | 'AUTHENTICATION_FAILED'
  | 'AUTHORIZATION_FAILED'
  | 'BACKEND_UNAVAILABLE'
  | 'CAPABILITY_MISMATCH'
  | 'CLIENT_NOT_INSTALLED'
  | 'CLOSED'
  | 'COMMAND_FAILED'
  | 'CONFIGURATION_INVALID'
  | 'MESSAGE_TOO_LARGE'
  | 'PUBLISH_FAILED'
  | 'PUBLISH_TIMED_OUT'
  | 'QUEUE_FULL'
  | 'SETTINGS_CONFLICT'
  | 'STORE_FAILED'
  | 'STORE_UNAVAILABLE'
  | 'SUBSCRIPTION_FAILED'
  | 'TOPIC_EXISTS'
  | 'TOPIC_UNKNOWN'
  | 'VALIDATION_FAILED'
  | 'WAIT_TIMED_OUT';

const marker = Symbol.for('preservarium.pusher.error');

/**
 * What all errors of this project have in common. Compare `code`, not the class: a code survives two copies of this
 * package in one program, and messages may change.
 */
export class PusherError extends Error {
  readonly [marker] = true;

  /** Which failure this is; stable across versions. */
  readonly code: PusherErrorCode;

  /** Whether the same call may succeed later without any change by the caller. */
  readonly retryable: boolean;

  constructor(
    message: string,
    options: { readonly code: PusherErrorCode; readonly retryable?: boolean; readonly cause?: unknown },
  ) {
    super(
      cutText(message, maxMessageCharacters),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
  }

  /** Whether `value` is an error of this project, also when it comes from another copy of this package. */
  static isInstance(value: unknown): value is PusherError {
    return value instanceof Error && marker in value;
  }
}
