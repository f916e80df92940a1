import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import type { Backend, KafkaSettings } from '@preservarium/publisher';

export type CreateBackend = (settings: KafkaSettings) => Backend;

/** All backends that talk to Kafka, by the name that selects them. */
export const backends = {
  kafkajs: createKafkajsBackend,
  rdkafka: createRdkafkaBackend,
} as const satisfies Record<string, CreateBackend>;
