import type { ConsumedRecord, NewTopic } from '@preservarium/backend';
import { ConfigurationError, TopicExistsError } from '@preservarium/core';
import { createMemoryGroup, type MemoryGroup } from './memory-group.js';
import { createMemoryTopic, type MemoryTopic } from './memory-topic.js';

export interface MemoryBrokerOptions {
  /** Partitions of a topic that is created without saying how many. Default 6. */
  readonly partitions?: number;
  /** Creates a topic when it is first published or subscribed to. Default `true`. */
  readonly autoCreateTopics?: boolean;
  /** Largest key and value together, in bytes, where a topic has no `max.message.bytes`. Default 1,048,576. */
  readonly maxMessageBytes?: number;
}

/** Topics and consumer groups in memory. Several memory backends can share one, as processes share a Kafka cluster. */
export interface MemoryBroker {
  /** @throws TopicExistsError, ConfigurationError */
  createTopic(topic: NewTopic): void;
  /** Deletes a topic and creates it again, empty. Groups forget their offsets of it; their members read it from its beginning. */
  recreateTopic(topic: string): void;
  /** Makes all groups divide their partitions anew. */
  rebalance(): void;
  /** All topics, sorted by name. */
  listTopics(): readonly MemoryTopic[];
  /** The topic, created where topics are created by themselves; `undefined` when there is none. */
  topic(topic: string): MemoryTopic | undefined;
  group(groupId: string): MemoryGroup;
  /** All groups by id. */
  groups(): ReadonlyMap<string, MemoryGroup>;
  /** Everything published to a topic, in the order in which it was written; nothing for a topic that does not exist. */
  records(topic: string): readonly ConsumedRecord[];
}

/** Creates an empty broker. It keeps all records until it is garbage: it is for tests. */
export function createMemoryBroker(options: MemoryBrokerOptions = {}): MemoryBroker {
  const { partitions: defaultPartitions = 6, autoCreateTopics = true, maxMessageBytes = 1_048_576 } = options;
  const topics = new Map<string, MemoryTopic>();
  const groups = new Map<string, MemoryGroup>();

  function createTopic({
    topic,
    partitions = defaultPartitions,
    replicationFactor = 1,
    config = {},
  }: NewTopic) {
    if (topics.has(topic)) throw new TopicExistsError(topic);
    if (!Number.isInteger(partitions) || partitions < 1) {
      throw new ConfigurationError(`partitions is ${partitions}; give a whole number from 1, for example 6`);
    }
    if (replicationFactor !== 1) {
      throw new ConfigurationError(
        `replicationFactor is ${replicationFactor}; the memory broker has one replica, give 1`,
      );
    }
    const created = createMemoryTopic(topic, partitions, {
      'max.message.bytes': String(maxMessageBytes),
      ...config,
    });
    topics.set(topic, created);
    return created;
  }

  return {
    createTopic,
    rebalance() {
      for (const group of groups.values()) void group.rebalance();
    },
    recreateTopic(topic) {
      topics.get(topic)?.recreate();
      for (const group of groups.values()) group.restart(topic);
    },
    listTopics: () => [...topics.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1)),
    topic: (topic) => topics.get(topic) ?? (autoCreateTopics ? createTopic({ topic }) : undefined),
    group(groupId) {
      const group = groups.get(groupId) ?? createMemoryGroup();
      groups.set(groupId, group);
      return group;
    },
    groups: () => groups,
    records: (topic) => [...(topics.get(topic)?.records ?? [])],
  };
}
