export type { Backend } from './backend.js';
export { createGroupCommit, type GroupCommit, type GroupCommitSettings } from './group-commit.js';
export type {
  Compression,
  KafkaSettings,
  OauthBearerToken,
  Partitioner,
  SaslSettings,
  TlsSettings,
} from './kafka-settings.js';
export { type Logger, silentLogger } from './logger.js';
export { partitionForKey } from './partition-for-key.js';
export type {
  PublishOutcome,
  PublishReceipt,
  PublishRecord,
  PublisherBackend,
  WaitOptions,
} from './publisher-backend.js';
export type {
  ConsumedRecord,
  SubscribeOptions,
  SubscriberBackend,
  Subscription,
  TopicPartition,
} from './subscriber-backend.js';
export type { NewTopic, TopicAdmin, TopicDescription } from './topic-admin.js';
