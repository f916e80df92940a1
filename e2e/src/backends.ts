import type { Backend, KafkaOptions } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';

export type CreateBackend = (settings: KafkaOptions) => Backend;

/** All backends that talk to Kafka, by the name that selects them. */
export const backends = {
  kafkajs: createKafkajsBackend,
  rdkafka: createRdkafkaBackend,
} as const satisfies Record<string, CreateBackend>;
