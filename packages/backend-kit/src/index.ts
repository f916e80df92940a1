export { asUnanswered } from './as-unanswered.js';
export { type Batcher, type BatcherOptions, createBatcher } from './batcher.js';
export { callbackFailed } from './callback-failed.js';
export { createSubscriber, type SubscriberOptions } from './create-subscriber.js';
export type { GroupMember, GroupMemberCallbacks, MemberFailure } from './group-member.js';
export { partitionId } from './partition-id.js';
export type { PartitionQueue } from './partition-queue.js';
