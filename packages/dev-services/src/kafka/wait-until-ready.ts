import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaOptions } from '@preservarium/backend';
import { BackendUnavailableError } from '@preservarium/core';
import { kafkajsClient } from './kafkajs-client.js';

export interface WaitUntilReadyOptions {
  readonly brokers: number;
  readonly timeoutMs: number;
  /** Ends the wait early, when the brokers cannot become ready any more. */
  readonly signal?: AbortSignal;
}

/** Resolves once each broker of the settings answers and knows that many, every partition has a leader, every partition has a leader, and groups have a coordinator. */
export async function waitUntilReady(settings: KafkaOptions, options: WaitUntilReadyOptions): Promise<void> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  let problem: unknown;
  while (!deadline.aborted && !options.signal?.aborted) {
    try {
      const found = await Promise.all(settings.brokers.map((broker) => countBrokers(settings, broker)));
      if (found.every((count) => count >= options.brokers)) return;
      problem = `${Math.min(...found)} of ${options.brokers} brokers are in the cluster`;
    } catch (error) {
      problem = error;
    }
    await delay(100);
  }
  throw new BackendUnavailableError(
    `no Kafka at ${settings.brokers.join(', ')} within ${options.timeoutMs} ms: ${String(problem)}`,
    { cause: problem },
  );
}

/** Asks one broker: the others know one that was killed for some seconds more, and would speak for it. */
async function countBrokers(settings: KafkaOptions, broker: string): Promise<number> {
  const impatience = { retry: { retries: 0 }, connectionTimeout: 1000, requestTimeout: 3000 };
  const admin = kafkajsClient({ ...settings, brokers: [broker] }, impatience).admin();
  try {
    await admin.connect();
    await admin.fetchTopicMetadata();
    await admin.fetchOffsets({ groupId: 'wait-until-ready' });
    return (await admin.describeCluster()).brokers.length;
  } finally {
    await admin.disconnect();
  }
}
