import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaOptions, NewTopic } from '@preservarium/backend';
import { BackendUnavailableError } from '@preservarium/core';
import { kafkajsClient } from './kafkajs-client.js';

const usableWithinMs = 60_000;

/** Resolves once the topic can be used. Missing options have the defaults of the brokers. */
export async function createTopic(settings: KafkaOptions, newTopic: NewTopic): Promise<void> {
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
  } catch (error) {
    throw reasonOf(error);
  } finally {
    await admin.disconnect();
  }
  await Promise.all(
    settings.brokers.map((broker) => waitUntilUsable({ ...settings, brokers: [broker] }, topic)),
  );
}

/** The controller has made the topic; a broker learns of it, and each leader that it leads, a little later. */
async function waitUntilUsable(settings: KafkaOptions, topic: string): Promise<void> {
  const admin = kafkajsClient(settings, { retry: { retries: 0 } }).admin();
  const deadline = AbortSignal.timeout(usableWithinMs);
  let problem: unknown;
  try {
    await admin.connect();
    while (!deadline.aborted) {
      try {
        await admin.fetchTopicMetadata({ topics: [topic] });
        await admin.fetchTopicOffsets(topic);
        return;
      } catch (error) {
        problem = error;
      }
      await delay(50);
    }
  } finally {
    await admin.disconnect();
  }
  throw new BackendUnavailableError(
    `topic "${topic}" cannot be used ${usableWithinMs} ms after it was made: ${String(problem)}`,
    { cause: problem },
  );
}

/** The error of kafkajs for several topics has no reason; with one topic, there is one reason inside. */
function reasonOf(error: unknown): unknown {
  const reasons =
    error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return reasons[0] ?? error;
}
