import { randomUUID } from 'node:crypto';
import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import type { ConformanceHarness } from './harness.js';
import type { WrittenRecord } from './written-record.js';

/** Backends of one memory broker that creates no topics by itself, as a production cluster does not. */
export function memoryHarness(): ConformanceHarness {
  const broker = createMemoryBroker({ autoCreateTopics: false });
  async function writeTopic(topic: string, records: readonly WrittenRecord[]): Promise<void> {
    for (const { partition, key, ...record } of records) {
      const bytes = typeof key === 'string' ? Buffer.from(key) : (key ?? null);
      broker.topic(topic)?.append(partition, { ...record, key: bytes });
    }
  }

  return {
    create: ({ partitioner, maxQueuedBytes, maxWaitingBytes } = {}) =>
      createMemoryBackend({
        broker,
        ...(partitioner && { partitioner }),
        ...(maxQueuedBytes && { maxQueuedBytes }),
        ...(maxWaitingBytes !== undefined && { maxWaitingBytes }),
      }),
    async createTopic({ partitions, config }) {
      const topic = `conformance-${randomUUID()}`;
      broker.createTopic({ topic, partitions, ...(config && { config }) });
      return topic;
    },
    readTopic: async (topic) => broker.records(topic),
    writeTopic,
    async writeTransaction(topic, records, outcome = 'committed') {
      // Nobody sees anything of it.
      if (outcome === 'open') return;
      if (outcome === 'committed') await writeTopic(topic, records);
      else for (const { partition } of records) broker.topic(topic)?.appendMarker(partition);
      for (const partition of new Set(records.map(({ partition }) => partition))) {
        broker.topic(topic)?.appendMarker(partition);
      }
    },
    async deleteRecords(topic, partition, beforeOffset) {
      broker.topic(topic)?.deleteBefore(partition, beforeOffset);
    },
    async recreateTopic(topic) {
      broker.recreateTopic(topic);
    },
    async commitOffset(groupId, { nextOffset, ...partition }) {
      broker.group(groupId).commit(partition, nextOffset);
    },
  };
}
