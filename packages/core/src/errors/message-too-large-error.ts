import { PusherError } from './pusher-error.js';

/** The encoded record is larger than a limit of this service or of the brokers. */
export class MessageTooLargeError extends PusherError {
  /** Size of the encoded value, in bytes. */
  readonly sizeBytes: number;
  /** The limit it broke, in bytes; absent where only the broker knows it. */
  readonly maxBytes: number | undefined;

  constructor(sizeBytes: number, options: { readonly maxBytes?: number; readonly cause?: unknown } = {}) {
    const limit =
      options.maxBytes === undefined
        ? "more than the topic's max.message.bytes allows"
        : `the limit is ${options.maxBytes} bytes`;
    super(`the record has ${sizeBytes} bytes, ${limit}; send less, or a reference to the data`, {
      cause: options.cause,
      code: 'MESSAGE_TOO_LARGE',
    });
    this.sizeBytes = sizeBytes;
    this.maxBytes = options.maxBytes;
  }

  static override isInstance(value: unknown): value is MessageTooLargeError {
    return PusherError.isInstance(value) && value.code === 'MESSAGE_TOO_LARGE';
  }
}
