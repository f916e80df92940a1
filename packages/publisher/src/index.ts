export { asUnanswered } from './as-unanswered.js';
export type { Backend } from './backend.js';
export type { CapabilityCheck } from './capability-check.js';
export { createMissingTopics } from './create-missing-topics.js';
export { createPusherService } from './create-pusher-service.js';
export { createFeed, type Feed, type FeedReader, type FeedSettings } from './feed.js';
export { createGate, type Gate } from './gate.js';
export { createGroupCommit, type GroupCommit, type GroupCommitSettings } from './group-commit.js';
export type {
  Compression,
  KafkaSettings,
  OauthBearerToken,
  Partitioner,
  SaslSettings,
  TlsSettings,
} from './kafka-settings.js';
export { guardLogger, type Logger, silentLogger } from './logger.js';
export { onAbort } from './on-abort.js';
export { partitionForKey } from './partition-for-key.js';
export { partitionId } from './partition-id.js';
export type {
  PublisherBackend,
  PublishOutcome,
  PublishReceipt,
  PublishRecord,
  WaitOptions,
} from './publisher-backend.js';
export type {
  CommandOutcome,
  PusherService,
  PusherServiceSettings,
  PushLimits,
  PushOptions,
  PushReceipt,
} from './pusher-service.js';
export { createRateLimitedLog, type RateLimitedLog } from './rate-limited-log.js';
export type {
  ConsumedRecord,
  SubscribeOptions,
  SubscriberBackend,
  Subscription,
  TopicPartition,
} from './subscriber-backend.js';
export type { NewTopic, PartitionOffsets, TopicAdmin, TopicDescription } from './topic-admin.js';
export { type WatchedFileSettings, watchedFile } from './watched-file.js';
export { type DeadlineOptions, settledWithin, withDeadline } from './with-deadline.js';
export { type RetrySettings, withRetry } from './with-retry.js';
