import { PusherError } from './pusher-error.js';

/** The topic, or the partition of it, does not exist and the brokers do not create it by themselves. */
export class TopicUnknownError extends PusherError {
  readonly topic: string;
  /** The partition that the topic lacks; absent where the topic itself does not exist. */
  readonly partition: number | undefined;

  constructor(topic: string, options: { readonly partition?: number; readonly cause?: unknown } = {}) {
    const { partition, cause } = options;
    super(
      partition === undefined
        ? `topic "${topic}" does not exist; create it, for example: pusher topics create ${topic}`
        : `topic "${topic}" has no partition ${partition}; name one that it has, or leave it to the key`,
      { cause, code: 'TOPIC_UNKNOWN' },
    );
    this.topic = topic;
    this.partition = partition;
  }

  static override isInstance(value: unknown): value is TopicUnknownError {
    return PusherError.isInstance(value) && value.code === 'TOPIC_UNKNOWN';
  }
}
