import type { KafkaOptions } from '@preservarium/backend';
import type { PlannedCommand } from './command.js';

export interface PusherProgramOptions {
  readonly backend: 'kafkajs' | 'rdkafka';
  readonly kafka: KafkaOptions;
  readonly commandTopic: string;
  readonly waitingTopic: string;
}

/** Requests to the pusher. */
export type PusherRequest =
  | ({ readonly kind: 'push' } & PlannedCommand)
  | { readonly kind: 'cancel'; readonly requestId: string; readonly deviceId: string };

/** Kafka acknowledged the request, or the push failed. */
export interface PusherAnswer {
  readonly kind: PusherRequest['kind'];
  readonly requestId: string;
  /** Undefined where Kafka acknowledged it. */
  readonly code: string | undefined;
}
