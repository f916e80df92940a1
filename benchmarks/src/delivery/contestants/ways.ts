import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import type { Route } from '../contestant.js';
import { deliverByHand } from './by-hand.js';
import { deliverByConnector } from './connector.js';
import { deadDevice } from './with-dead-device.js';

export type WayName = keyof typeof ways;

/** Begins to deliver, and resolves with how to end that in order. */
export type Way = (route: Route) => Promise<() => Promise<void>>;

export const ways = {
  'connector.rdkafka+events': deliverByConnector({ createBackend: createRdkafkaBackend, events: true }),
  'connector.rdkafka': deliverByConnector({ createBackend: createRdkafkaBackend, events: false }),
  'connector.kafkajs+events': deliverByConnector({ createBackend: createKafkajsBackend, events: true }),
  'connector.kafkajs': deliverByConnector({ createBackend: createKafkajsBackend, events: false }),
  'connector.rdkafka+events+deadDevice': deliverByConnector({
    createBackend: createRdkafkaBackend,
    events: true,
    deadDevice,
  }),
  'byHand.kafkajs-mqttjs': deliverByHand,
} satisfies Record<string, Way>;
