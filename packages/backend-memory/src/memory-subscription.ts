import type { SubscribeOptions, Subscription, TopicPartition } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { SubscriptionFailedError, TopicUnknownError } from '@preservarium/core';
import type { MemoryBroker } from './memory-broker.js';
import { type MemoryGroupMember, partitionId } from './memory-group.js';
import { createMemoryPartitionReader, type MemoryPartitionReader } from './memory-partition-reader.js';
import type { MemoryTopic } from './memory-topic.js';

/** Joins the group and resolves once it has its partitions. `onClosed` is called when the member has left. */
export async function subscribeInMemory(
  broker: MemoryBroker,
  options: SubscribeOptions,
  onClosed: (subscription: Subscription) => void,
): Promise<Subscription> {
  const topics = options.topics.map((name) => {
    const topic = broker.topic(name);
    if (topic === undefined) throw new TopicUnknownError(name);
    return topic;
  });
  const group = broker.group(options.groupId);
  const readers = new Map<string, MemoryPartitionReader>();
  let resolveClosed: () => void;
  let rejectClosed: (error: unknown) => void;
  const whenClosed = new Promise<void>((resolve, reject) => {
    resolveClosed = resolve;
    rejectClosed = reject;
  });
  let closing: Promise<void> | undefined;

  const member: MemoryGroupMember = {
    topics,
    assign(partitions) {
      if (closing) return;
      options.onAssigned?.(partitions);
      for (const partition of partitions) startReader(partition);
    },
    async revoke(partitions) {
      for (const partition of partitions) readers.get(partitionId(partition))?.stop();
      try {
        await options.onRevoked?.(partitions);
      } catch (cause) {
        fail(new SubscriptionFailedError('onRevoked rejected', { cause }));
      }
    },
    release(partitions) {
      for (const partition of partitions) readers.delete(partitionId(partition));
    },
  };

  function startReader(partition: TopicPartition): void {
    const topic = topics.find((candidate) => candidate.topic === partition.topic) as MemoryTopic;
    const start = options.from === 'end' ? topic.endOffset(partition.partition) : 0;
    const reader = createMemoryPartitionReader({
      topic,
      partition: partition.partition,
      offset: group.committed(partition) ?? start,
      onRecords: options.onRecords,
      onFailed: fail,
    });
    readers.set(partitionId(partition), reader);
  }

  function fail(error: unknown): void {
    rejectClosed(error);
    void leave();
  }

  function leave(): Promise<void> {
    closing ??= (async () => {
      for (const reader of readers.values()) reader.stop();
      readers.clear();
      onClosed(subscription);
      await group.leave(member);
    })();
    return closing;
  }

  const subscription: Subscription = {
    settle({ nextOffset, ...partition }) {
      if (readers.has(partitionId(partition))) group.commit(partition, nextOffset);
    },
    async commit() {
      // Settling has committed already.
    },
    isConnected: () => closing === undefined,
    closed: whenClosed,
    async close({ timeoutMs }) {
      for (const reader of readers.values()) reader.stop();
      await settledWithin(Promise.all([...readers.values()].map((reader) => reader.idle())), timeoutMs);
      await leave();
      resolveClosed();
    },
  };

  await group.join(member);
  return subscription;
}
