import { PusherError } from './pusher-error.js';

/** A topic of that name exists already; it was left as it is. */
export class TopicExistsError extends PusherError {
  readonly topic: string;

  constructor(topic: string, options: { readonly cause?: unknown } = {}) {
    super(`topic "${topic}" exists already`, {
      ...options,
      code: 'TOPIC_EXISTS',
    });
    this.topic = topic;
  }

  static override isInstance(value: unknown): value is TopicExistsError {
    return PusherError.isInstance(value) && value.code === 'TOPIC_EXISTS';
  }
}
