export { assertHeaders } from './assert-headers.js';
export { createBatcher } from './batcher.js';
export type { Batcher, BatcherOptions, BatchProgress } from './batcher-options.js';
export { type BrokerContact, createBrokerContact } from './broker-contact.js';
export { callbackFailed } from './callback-failed.js';
export { createSubscriber, type SubscriberOptions } from './create-subscriber.js';
export { failAll } from './fail-all.js';
export { fetchMinBytes } from './fetch-min-bytes.js';
export { createFreshTokens, type FreshTokens } from './fresh-tokens.js';
export type { GroupMember, GroupMemberCallbacks, MemberFailure } from './group-member.js';
export { partitionId } from './partition-id.js';
export type { PartitionQueue } from './partition-queue.js';
export { rejectInstanceId } from './reject-instance-id.js';
export type { OffsetReader } from './start-positions.js';
export { isInternalTopic, topicNameError } from './topic-name.js';
export { type TopicStarts, type TopicStartsOptions, topicStarts } from './topic-starts.js';
export {
  defaultDeliveryTimeoutMs,
  invalidOption,
  validateKafkaOptions,
  validateQueueLimits,
} from './validate-kafka-options.js';
