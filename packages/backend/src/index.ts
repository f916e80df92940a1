export { assertTls, readTls, type TlsNames } from './assert-tls.js';
export type { Backend } from './backend.js';
export type {
  ClusterAdmin,
  ClusterDescription,
  PartitionReplicas,
  TopicReplicas,
  Writer,
  Writers,
} from './cluster-admin.js';
export { createMissingTopics } from './create-missing-topics.js';
export type { GroupAdmin, GroupDescription, MemberDescription } from './group-admin.js';
export type {
  Compression,
  KafkaOptions,
  OauthBearerToken,
  Partitioner,
  SaslOptions,
} from './kafka-options.js';
export { guardLogger, type Logger, silentLogger } from './logger.js';
export { partitionForKey } from './partition-for-key.js';
export type {
  PublisherBackend,
  PublisherSupport,
  PublishOutcome,
  PublishReceipt,
  PublishRecord,
  WaitOptions,
} from './publisher-backend.js';
export { createRateLimitedLog, type RateLimitedLog } from './rate-limited-log.js';
export {
  headersSize,
  headerText,
  headerTexts,
  noHeaders,
  type RecordHeader,
  type RecordHeaders,
  textHeaders,
  withHeaderTexts,
} from './record-headers.js';
export {
  createSignatureCounter,
  type GenuineSignature,
  type RecordSigner,
  type RecordVerifier,
  type Refusal,
  type RefusalReason,
  refusalReasons,
  type SignatureCounter,
  type SignatureCounts,
  type SignedContent,
  type SignedKind,
  type SigningTerms,
  type Verification,
} from './record-signatures.js';
export type {
  AssignedPartition,
  BlockedPartition,
  ConsumedRecord,
  ProcessedPosition,
  StartFrom,
  SubscribeOptions,
  SubscriberBackend,
  Subscription,
  TopicPartition,
} from './subscriber-backend.js';
export type { TlsOptions, TlsSource } from './tls-options.js';
export type {
  NewTopic,
  PartitionOffsets,
  TopicAdmin,
  TopicConfigs,
  TopicDescription,
} from './topic-admin.js';
export type { WireCommand, WireDefaults, WireEvents, WireFormat } from './wire-format.js';
