import { PusherError } from './pusher-error.js';

/** The brokers did not acknowledge the record before its deadline. */
export class PublishTimedOutError extends PusherError {
  /** How long the push was allowed to take, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * `true` when the record had been handed to the brokers: it may be in the topic or appear there later. `false` when it
   * was still queued and will never be sent.
   */
  readonly mayBeWritten: boolean;

  constructor(timeoutMs: number, options: { readonly mayBeWritten: boolean; readonly cause?: unknown }) {
    const state = options.mayBeWritten
      ? 'it may be written all the same: push again with the same requestId'
      : 'it was still queued and is not sent';
    super(`not acknowledged by the brokers within ${timeoutMs} ms; ${state}`, {
      cause: options.cause,
      code: 'PUBLISH_TIMED_OUT',
      retryable: true,
    });
    this.timeoutMs = timeoutMs;
    this.mayBeWritten = options.mayBeWritten;
  }

  static override isInstance(value: unknown): value is PublishTimedOutError {
    return PusherError.isInstance(value) && value.code === 'PUBLISH_TIMED_OUT';
  }
}
