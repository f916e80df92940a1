import { maxMessageCharacters } from '../limits.js';
import { cutText } from '../models/cut-text.js';

/** Every code of this version; `docs/errors.md` says what to do about each. */
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
  | 'REQUEST_CONFLICT'
  | 'SETTINGS_CONFLICT'
  | 'STORE_FAILED'
  | 'STORE_UNAVAILABLE'
  | 'SUBSCRIPTION_FAILED'
  | 'TOPIC_EXISTS'
  | 'TOPIC_UNKNOWN'
  | 'VALIDATION_FAILED'
  | 'WAIT_TIMED_OUT';

/** The error of the Kafka client, the database or the device that led to this one. */
export interface CauseOption {
  readonly cause?: unknown;
}

// The marker is not in the type: a member that is keyed by a symbol would make the errors of two installed versions of this
// package incompatible.
const marker = Symbol.for('preservarium.pusher.error');

/**
 * The base of all errors of this project. Compare `code`, not the class: a code survives two copies of this package in one program,
 * and messages may change. A message has at most 4,000 characters.
 */
export class PusherError extends Error {
  /**
   * Which failure this is; stable across versions. The type is open, because the error may come from a newer version of this package
   * with more codes: treat a code that you do not know by `retryable`.
   */
  readonly code: PusherErrorCode | (string & {});

  /** True if the same call may succeed later without any change by the caller. */
  readonly retryable: boolean;

  constructor(
    message: string,
    options: { readonly code: PusherErrorCode; readonly retryable?: boolean } & CauseOption,
  ) {
    super(
      cutText(message, maxMessageCharacters),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    Object.defineProperty(this, marker, { value: true });
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
  }

  /** Returns whether `value` is an error of this project, also if it comes from another copy of this package. */
  static isInstance(value: unknown): value is PusherError {
    return value instanceof Error && marker in value;
  }
}

/** Returns whether `value` is the error of this project that has this code. */
export function hasCode(value: unknown, code: PusherErrorCode): boolean {
  return PusherError.isInstance(value) && value.code === code;
}
