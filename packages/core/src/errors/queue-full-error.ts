import { PusherError } from './pusher-error.js';

/**
 * The queue of records to publish stayed full until the deadline: records arrive faster than the
 * brokers take them. Or who reads lifecycle events or changes of settings fell too far behind them.
 */
export class QueueFullError extends PusherError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'QUEUE_FULL', retryable: true });
  }

  static override isInstance(value: unknown): value is QueueFullError {
    return PusherError.isInstance(value) && value.code === 'QUEUE_FULL';
  }
}
