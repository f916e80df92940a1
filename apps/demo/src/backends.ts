import type { Backend, KafkaOptions } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';

export const backendNames = ['kafkajs', 'rdkafka'] as const;
export type BackendName = (typeof backendNames)[number];

export type CreateBackend = (settings: KafkaOptions) => Backend;

/** All that a change of backend is: another function for the same settings. */
export const createBackend: Readonly<Record<BackendName, CreateBackend>> = {
  kafkajs: createKafkajsBackend,
  rdkafka: createRdkafkaBackend,
};
