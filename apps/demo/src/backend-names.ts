export const backendNames = ['kafkajs', 'rdkafka'] as const;
export type BackendName = (typeof backendNames)[number];
