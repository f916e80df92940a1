import type {
  AssignedPartition,
  SubscribeOptions,
  Subscription,
  TopicPartition,
} from '@preservarium/backend';
import { callbackFailed, partitionId, rejectInstanceId } from '@preservarium/backend-kit';
import { settledWithin } from '@preservarium/concurrency';
import { TopicUnknownError } from '@preservarium/core';
import type { MemoryBroker } from './memory-broker.js';
import type { MemoryGroupMember } from './memory-group.js';
import { startInMemory } from './memory-offsets.js';
import { createMemoryPartitionReader, type MemoryPartitionReader } from './memory-partition-reader.js';
import type { MemoryTopic } from './memory-topic.js';

/** Joins the group and resolves once it has its partitions. `onClosed` is called when the member has left. */
export async function subscribeInMemory(
  broker: MemoryBroker,
  options: SubscribeOptions,
  onClosed: (subscription: Subscription) => void,
): Promise<Subscription> {
  rejectInstanceId('memory', options);
  const topics = options.topics.map((name) => {
    const topic = broker.topic(name);
    if (topic === undefined) throw new TopicUnknownError(name);
    return topic;
  });
  const group = broker.group(options.groupId);
  const readers = new Map<string, MemoryPartitionReader>();
  const read = new Set<string>();
  const caughtUp = new Map<string, number>();
  const closed = Promise.withResolvers<void>();
  // Handled here: an application need not watch `closed`.
  closed.promise.catch(() => {});
  let failure: { readonly error: unknown } | undefined;
  let closing: Promise<void> | undefined;

  const member: MemoryGroupMember = {
    topics,
    assign(partitions) {
      if (closing) return;
      let assigned: AssignedPartition[];
      try {
        assigned = topics.flatMap((topic) =>
          startInMemory(topic, group, {
            assigned: partitions,
            wasRead: read.has(topic.topic),
            resumeFrom: options.resumeFrom,
            from: options.fromByTopic?.[topic.topic] ?? options.from,
          }),
        );
        for (const { topic } of assigned) read.add(topic);
        options.onAssigned?.(assigned);
      } catch (cause) {
        return fail(callbackFailed('onAssigned', cause));
      }
      for (const partition of assigned) startReader(partition);
    },
    async revoke(partitions) {
      for (const partition of partitions) readers.get(partitionId(partition))?.stop();
      try {
        await options.onRevoked?.(partitions);
      } catch (cause) {
        fail(callbackFailed('onRevoked', cause));
      }
    },
    release(partitions) {
      for (const partition of partitions) readers.delete(partitionId(partition));
    },
  };

  function startReader(partition: AssignedPartition): void {
    const topic = topics.find((candidate) => candidate.topic === partition.topic) as MemoryTopic;
    const reader = createMemoryPartitionReader({
      topic,
      partition: partition.partition,
      offset: partition.readFrom,
      onRecords: options.onRecords,
      async onCaughtUp(endOffset) {
        caughtUp.set(partitionId(partition), endOffset);
        commitMarkers(partition);
        await options.onCaughtUp?.({
          topic: topic.topic,
          partition: partition.partition,
          nextOffset: endOffset,
        });
      },
      onFailed: fail,
    });
    readers.set(partitionId(partition), reader);
  }

  /** Offsets after the last record have none: they are committed with it. */
  function commitMarkers(partition: TopicPartition): void {
    const id = partitionId(partition);
    const committed = group.committed(partition) ?? 0;
    const endOffset = caughtUp.get(id) ?? 0;
    if (endOffset > committed && committed >= (readers.get(id)?.nextOffset() ?? Number.POSITIVE_INFINITY)) {
      group.commit(partition, endOffset);
    }
  }

  function fail(error: unknown): void {
    failure ??= { error };
    closed.reject(error);
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
    markProcessed({ nextOffset, ...partition }) {
      const handedOver = readers.get(partitionId(partition))?.nextOffset() ?? 0;
      if (nextOffset > handedOver || nextOffset <= (group.committed(partition) ?? 0)) return;
      group.commit(partition, nextOffset);
      commitMarkers(partition);
    },
    async commit() {
      // Marking has committed already.
    },
    rejoin() {
      void group.reassign(member);
    },
    isConnected: () => closing === undefined,
    blocked: () => [],
    closed: closed.promise,
    async close({ timeoutMs }) {
      for (const reader of readers.values()) reader.stop();
      await settledWithin(Promise.all([...readers.values()].map((reader) => reader.idle())), timeoutMs);
      await leave();
      closed.resolve();
    },
  };

  await group.join(member);
  if (failure !== undefined) throw failure.error;
  return subscription;
}
