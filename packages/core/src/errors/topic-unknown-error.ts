import { PusherError } from './pusher-error.js';

/** The topic does not exist and the brokers do not create it by themselves. */
export class TopicUnknownError extends PusherError {
  readonly topic: string;

  constructor(topic: string, options: { readonly cause?: unknown } = {}) {
    super(`topic "${topic}" does not exist; create it, for example: pusher topics create ${topic}`, {
      ...options,
      code: 'TOPIC_UNKNOWN',
    });
    this.topic = topic;
  }

  static override isInstance(value: unknown): value is TopicUnknownError {
    return PusherError.isInstance(value) && value.code === 'TOPIC_UNKNOWN';
  }
}
