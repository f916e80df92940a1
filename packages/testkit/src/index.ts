export { type CreateTestTopicOptions, createTestTopic } from './kafka/create-test-topic.js';
export type { KafkaCredentials, UserCredentials } from './kafka/credentials.js';
export type { KafkaCluster, KafkaKind, StartKafkaOptions } from './kafka/kafka-cluster.js';
export { readTopic } from './kafka/read-topic.js';
export { startKafka } from './kafka/start-kafka.js';
