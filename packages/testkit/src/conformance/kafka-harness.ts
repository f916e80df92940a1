import type { Backend, KafkaSettings } from '@preservarium/publisher';
import { createTestTopic } from '../kafka/create-test-topic.js';
import { readTopic } from '../kafka/read-topic.js';
import { writeTopic } from '../kafka/write-topic.js';
import type { ConformanceHarness } from './harness.js';

/** Backends on a Kafka cluster; topics are made, read and written with a client of the testkit's own. */
export function kafkaHarness(
  createBackend: (settings: KafkaSettings) => Backend,
  { settings }: { readonly settings: KafkaSettings },
): ConformanceHarness {
  return {
    create: (overrides) => createBackend({ ...settings, ...overrides }),
    createTopic: (topic) => createTestTopic(settings, topic),
    readTopic: (topic) => readTopic(settings, topic),
    writeTopic: (topic, records) => writeTopic(settings, topic, records),
  };
}
