import { setTimeout as delay } from 'node:timers/promises';
import { BackendUnavailableError } from '@preservarium/core';
import type { KafkaSettings, NewTopic } from '@preservarium/publisher';
import type { Admin } from 'kafkajs';
import { kafkajsClient } from './kafkajs-client.js';

const timeoutMs = 30_000;

/** Resolves once the topic can be used. What is not given is as the brokers have it by default. */
export async function createTopic(settings: KafkaSettings, newTopic: NewTopic): Promise<void> {
  const { topic, partitions = -1, replicationFactor = -1, config = {} } = newTopic;
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor, configEntries }],
      // kafkajs's own wait ends with an error when a broker has not heard of the topic yet.
      waitForLeaders: false,
    });
    await untilLed(admin, topic);
  } catch (error) {
    throw reasonOf(error);
  } finally {
    await admin.disconnect();
  }
}

/** The controller has made the topic; the brokers learn of it and of its leaders a little later. */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  const deadline = AbortSignal.timeout(timeoutMs);
  let problem: unknown;
  while (!deadline.aborted) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      if (topics[0]?.partitions.every(({ leader }) => leader >= 0)) return;
      problem = 'a partition has no leader';
    } catch (error) {
      problem = error;
    }
    await delay(50);
  }
  throw new BackendUnavailableError(
    `topic "${topic}" cannot be used ${timeoutMs} ms after it was made: ${String(problem)}`,
    { cause: problem },
  );
}

/** What kafkajs says of several topics at once names no reason; there is one topic here, and one reason inside. */
function reasonOf(error: unknown): unknown {
  const reasons =
    error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return reasons[0] ?? error;
}
