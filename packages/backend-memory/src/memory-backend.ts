import type {
  Backend,
  ConsumedRecord,
  Partitioner,
  PublishOutcome,
  PublishRecord,
  Subscription,
} from '@preservarium/backend';
import { partitionForKey } from '@preservarium/backend';
import { createBatcher, topicNameError, validateQueueLimits } from '@preservarium/backend-kit';
import { AbortedError, ClosedError, MessageTooLargeError, TopicUnknownError } from '@preservarium/core';
import { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions } from './memory-broker.js';
import { groupsInMemory } from './memory-groups.js';
import { offsetsInMemory } from './memory-offsets.js';
import { subscribeInMemory } from './memory-subscription.js';

export interface MemoryBackendOptions extends MemoryBrokerOptions {
  /** Shares the topics and groups of other backends. Default: a broker of its own, made with these options. */
  readonly broker?: MemoryBroker;
  /** Default `murmur2`. */
  readonly partitioner?: Partitioner;
  /** Memory of calls that are queued, in bytes, beyond which `publish` waits. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** Memory of calls that may wait, in bytes; beyond, `publish` gives `QUEUE_FULL` at once. Default 256 MiB. */
  readonly maxWaitingBytes?: number;
}

/** A backend for an application's own tests: all of the contract, and no Kafka. */
export interface MemoryBackend extends Backend {
  /** Everything published to a topic, in the order in which it was written; also after `close`. */
  records(topic: string): readonly ConsumedRecord[];
}

/**
 * Creates a backend that keeps its topics in memory. A topic is created with 6 partitions when it is first used, unless
 * `autoCreateTopics` is `false`.
 *
 * @throws `CONFIGURATION_INVALID` for a limit that is not a whole number of bytes
 */
export function createMemoryBackend(options: MemoryBackendOptions = {}): MemoryBackend {
  validateQueueLimits(options);
  const { broker = createMemoryBroker(options), partitioner = 'murmur2' } = options;
  const subscriptions = new Set<Subscription>();
  let closed = false;

  const batcher = createBatcher({
    name: 'memory',
    shards: 1,
    shardOf: () => 0,
    maxBatchRecords: 10_000,
    maxBatchBytes: 16 * 1024 * 1024,
    maxQueuedBytes: options.maxQueuedBytes,
    maxWaitingBytes: options.maxWaitingBytes,
    writeBatch: async (records) => records.map(write),
  });

  function write({ topic: name, key, partition: given, value, headers }: PublishRecord): PublishOutcome {
    const nameError = topicNameError(name);
    if (nameError !== undefined) return { ok: false, error: nameError };
    const topic = broker.topic(name);
    if (topic === undefined) return { ok: false, error: new TopicUnknownError(name) };
    const keyBytes = typeof key === 'string' ? Buffer.from(key) : key;
    const sizeBytes = keyBytes.length + value.length;
    if (sizeBytes > topic.maxMessageBytes) {
      return { ok: false, error: new MessageTooLargeError(sizeBytes, { maxBytes: topic.maxMessageBytes }) };
    }
    const partition = given ?? partitionForKey(key, topic.partitions, partitioner);
    if (!topic.hasPartition(partition))
      return { ok: false, error: new TopicUnknownError(name, { partition }) };
    const { offset } = topic.append(partition, { key: keyBytes, value, ...(headers && { headers }) });
    return { ok: true, receipt: { topic: name, partition, offset } };
  }

  function assertOpen(): void {
    if (closed) throw new ClosedError('the memory backend');
  }

  return {
    name: 'memory',
    supports: { offsets: true, headers: 'all', codecs: [] },
    async connect({ signal }) {
      assertOpen();
      if (signal?.aborted) throw new AbortedError('connect');
    },
    publish: batcher.publish,
    async subscribe(subscribeOptions) {
      assertOpen();
      const subscription = await subscribeInMemory(broker, subscribeOptions, (left) =>
        subscriptions.delete(left),
      );
      if (closed) {
        await subscription.close({ timeoutMs: 0 });
        assertOpen();
      }
      subscriptions.add(subscription);
      return subscription;
    },
    async createTopic(topic) {
      assertOpen();
      broker.createTopic(topic);
    },
    async addPartitions({ topic: name, partitions }) {
      assertOpen();
      const topic = broker.topic(name);
      if (topic === undefined) throw new TopicUnknownError(name);
      topic.addPartitions(partitions - topic.partitions);
      broker.rebalance();
    },
    async listTopics() {
      assertOpen();
      return broker.listTopics().map(({ topic, partitions }) => ({ topic, partitions }));
    },
    async offsets({ topic: name, groupId }) {
      assertOpen();
      const topic = broker.topic(name);
      if (topic === undefined) throw new TopicUnknownError(name);
      return offsetsInMemory(topic, broker.group(groupId));
    },
    async topicConfig(name) {
      assertOpen();
      const topic = broker.topic(name);
      if (topic === undefined) throw new TopicUnknownError(name);
      return topic.config;
    },
    async groupsOf(topics) {
      assertOpen();
      return groupsInMemory(broker, topics);
    },
    async close(closeOptions) {
      closed = true;
      await Promise.all([
        batcher.close(closeOptions),
        ...[...subscriptions].map((subscription) => subscription.close(closeOptions)),
      ]);
    },
    records: broker.records,
  };
}
