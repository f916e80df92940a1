import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { deliverByHand } from './by-hand.js';
import { deliverByConnector } from './connector.js';
import type { Way } from './way.js';
import { deadDevice } from './with-dead-device.js';

export type WayName = keyof typeof ways;

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
