import type { Backend, KafkaOptions } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import type { BackendName } from './backend-names.js';

export type CreateBackend = (settings: KafkaOptions) => Backend;

/** Functions that create each backend from the same options. */
export const createBackend: Readonly<Record<BackendName, CreateBackend>> = {
  kafkajs: createKafkajsBackend,
  rdkafka: createRdkafkaBackend,
};
