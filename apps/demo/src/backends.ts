import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import type { Backend, KafkaSettings } from '@preservarium/publisher';

export const backendNames = ['kafkajs', 'rdkafka'] as const;
export type BackendName = (typeof backendNames)[number];

export type CreateBackend = (settings: KafkaSettings) => Backend;

/** All that a change of backend is: another function for the same settings. */
export const createBackend: Readonly<Record<BackendName, CreateBackend>> = {
  kafkajs: createKafkajsBackend,
  rdkafka: createRdkafkaBackend,
};
