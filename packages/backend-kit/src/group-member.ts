import type {
  AssignedPartition,
  BlockedPartition,
  ProcessedPosition,
  TopicPartition,
} from '@preservarium/backend';
import type { PusherError } from '@preservarium/core';
import type { PartitionQueue } from './partition-queue.js';
import type { OffsetReader } from './start-positions.js';

/** The functions of a subscription that its member calls. */
export interface GroupMemberCallbacks {
  /**
   * Call it when the group assigned these partitions to the member, before it fetches. Resolves with where to fetch them from, or with
   * `undefined` if the member is not to fetch them. Rejects if Kafka does not say where: the member is broken then.
   */
  onAssigned(partitions: readonly TopicPartition[]): Promise<readonly AssignedPartition[] | undefined>;
  /**
   * Call it before the member gives its partitions back. Resolves, within 30 s, when that may happen: the application had
   * `onRevoked`, and what it marked as processed is committed. Never rejects.
   */
  revokeAll(): Promise<void>;
  /** Returns the queue for records of an assigned partition; `undefined` if its records are not to be handed over. */
  queueOf(partition: TopicPartition): PartitionQueue | undefined;
  /** Call it, again and again if need be, with a partition whose next records the client cannot decompress. */
  onBlocked(blocked: BlockedPartition): void;
}

/** One client in its consumer group, from joining until it leaves or breaks. It is not restarted. */
export interface GroupMember extends OffsetReader {
  /** Resolves when it has joined and knows where to fetch from; never rejects. */
  readonly joined: Promise<void>;
  /** Resolves when it can do nothing more; never rejects. */
  readonly broken: Promise<MemberFailure>;
  /** Returns whether the brokers have answered it within the last 10 s. */
  isConnected(): boolean;
  /** Resolves with what the group has committed of these partitions, by `partitionId`: a negative number for nothing; without those of which the brokers say nothing. */
  committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>>;
  /** Rejects with a coded error if the brokers do not take the positions. */
  commit(positions: readonly ProcessedPosition[]): Promise<void>;
  /** Leaves the group, also one that broke; resolves at the deadline at the latest, or as soon after it as the client can end. */
  leave(options: { readonly timeoutMs: number }): Promise<void>;
}

export interface MemberFailure {
  readonly error: PusherError;
  /** True if a broker had answered before. A member that reached none is not replaced while the subscription opens. */
  readonly wasConnected: boolean;
}
