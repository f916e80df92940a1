import type { Logger, SubscribeOptions, TopicPartition } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { SubscriptionFailedError } from '@preservarium/core';
import type { KafkaConsumer, TopicPartitionOffset } from 'node-rdkafka';
import type { AssignedPartitions } from './rdkafka-assigned-partitions.js';
import { request } from './rdkafka-request.js';

const requestTimeoutMs = 10_000;
const revokeTimeoutMs = 30_000;

export interface RebalanceOptions {
  readonly consumer: KafkaConsumer;
  readonly logger: Logger;
  readonly subscribe: SubscribeOptions;
  readonly assigned: AssignedPartitions;
  /** Commits what is settled. */
  commit(): Promise<void>;
  /** Forgets what is settled. */
  forget(): void;
  /** Resolves when the member leaves: `onRevoked` is not waited for any longer. */
  readonly leaving: Promise<void>;
  /** `onRevoked` rejected. */
  onFailed(error: SubscriptionFailedError): void;
}

/** What a member does when the group gives it partitions and takes them away. The client waits for either to be done. */
export interface Rebalance {
  assign(partitions: TopicPartition[]): Promise<void>;
  revoke(partitions: TopicPartition[], options: { readonly isLeaving: boolean }): Promise<void>;
}

export function createRebalance(options: RebalanceOptions): Rebalance {
  const { consumer, logger, subscribe, assigned, leaving } = options;

  async function assign(partitions: TopicPartition[]): Promise<void> {
    consumer.assign(subscribe.from === 'end' ? await startingAtEnd(partitions) : partitions);
    assigned.add(partitions);
    subscribe.onAssigned?.(partitions.map(({ topic, partition }) => ({ topic, partition })));
  }

  /** The end as it is now: the client by itself would look for it only some time after this member has joined. */
  async function startingAtEnd(partitions: TopicPartition[]): Promise<TopicPartitionOffset[]> {
    const committed = await request<TopicPartitionOffset[]>((done) => {
      consumer.committed(partitions, requestTimeoutMs, done);
    });
    return Promise.all(
      committed.map(async ({ topic, partition, offset }) => {
        if (offset >= 0) return { topic, partition, offset };
        const { highOffset } = await request<{ highOffset: number }>((done) => {
          consumer.queryWatermarkOffsets(topic, partition, requestTimeoutMs, done);
        });
        return { topic, partition, offset: highOffset };
      }),
    );
  }

  async function revoke(
    partitions: TopicPartition[],
    { isLeaving }: { readonly isLeaving: boolean },
  ): Promise<void> {
    assigned.stop();
    if (!isLeaving && partitions.length > 0) {
      await giveTimeToRevoke(partitions.map(({ topic, partition }) => ({ topic, partition })));
      await settledWithin(options.commit(), requestTimeoutMs);
    }
    assigned.clear();
    options.forget();
    consumer.unassign();
  }

  async function giveTimeToRevoke(partitions: readonly TopicPartition[]): Promise<void> {
    try {
      const revoked = Promise.race([subscribe.onRevoked?.(partitions), leaving]);
      if (await settledWithin(revoked, revokeTimeoutMs)) return await revoked;
      logger.warn(
        { groupId: subscribe.groupId, timeoutMs: revokeTimeoutMs },
        'onRevoked took too long; the partitions are given up',
      );
    } catch (cause) {
      options.onFailed(new SubscriptionFailedError('onRevoked rejected', { cause }));
    }
  }

  return { assign, revoke };
}
