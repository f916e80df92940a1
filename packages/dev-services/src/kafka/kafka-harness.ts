import type { Backend, KafkaOptions } from '@preservarium/backend';
import type { ConformanceHarness } from '@preservarium/conformance';
import { commitOffset } from './commit-offset.js';
import { createTestTopic } from './create-test-topic.js';
import { deleteRecords } from './delete-records.js';
import { readTopic } from './read-topic.js';
import { recreateTopic } from './recreate-topic.js';
import { writeTopic, writeTransaction } from './write-topic.js';

/** Backends on a Kafka cluster; topics are made, read and written with a client of its own. */
export function kafkaHarness(
  createBackend: (settings: KafkaOptions) => Backend,
  { settings }: { readonly settings: KafkaOptions },
): ConformanceHarness {
  return {
    create: (overrides) => createBackend({ ...settings, ...overrides }),
    createTopic: (topic) => createTestTopic(settings, topic),
    readTopic: (topic) => readTopic(settings, topic),
    writeTopic: (topic, records) => writeTopic(settings, topic, records),
    writeTransaction: (...transaction) => writeTransaction(settings, ...transaction),
    deleteRecords: (topic, partition, beforeOffset) =>
      deleteRecords(settings, topic, [{ partition, beforeOffset }]),
    recreateTopic: (topic) => recreateTopic(settings, topic),
    commitOffset: (groupId, position) => commitOffset(settings, groupId, position),
  };
}
