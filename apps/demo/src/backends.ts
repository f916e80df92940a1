import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import type { Backend, KafkaSettings } from '@preservarium/publisher';

export const backendNames = ['kafkajs', 'rdkafka'] as const;
export type BackendName = (typeof backendNames)[number];

/** All that a change of backend is: another function for the same settings. */
export const createBackend: Readonly<Record<BackendName, (settings: KafkaSettings) => Backend>> = {
  kafkajs: createKafkajsBackend,
  rdkafka: createRdkafkaBackend,
};
