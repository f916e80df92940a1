import { randomUUID } from 'node:crypto';
import type { Backend, KafkaOptions } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import {
  type Connector,
  type ConnectorOptions,
  type ConnectorTopics,
  runConnector,
} from '@preservarium/connector';
import type { Deliverer } from '@preservarium/deliverer';
import { createTestTopic, type KafkaCluster } from '@preservarium/dev-services';
import { type Benchmark, emptyResult } from '../benchmark.js';
import { spreadOf } from '../spread.js';

const counts = [300, 1_000];
const startTimeoutMs = 120_000;

const backends: Readonly<Record<string, (options: KafkaOptions) => Backend>> = {
  kafkajs: createKafkajsBackend,
  rdkafka: createRdkafkaBackend,
};

const devices: Deliverer = {
  protocol: 'mqtt',
  async start() {},
  deliver: async () => ({ kind: 'delivered', evidence: 'device' }),
  isReady: () => true,
  async close() {},
};

/** How long one connector takes to be ready that has all partitions of large topics: at its first start, and at the next. */
export const partitions: Benchmark = {
  name: 'partitions',
  async run({ kafka, quick, say }) {
    const measurements = [];
    for (const count of quick ? counts.slice(0, 1) : counts) {
      const topics = await createTopics(kafka, count);
      for (const [client, create] of Object.entries(backends)) {
        const groupId = randomUUID();
        for (const start of ['first', 'next'] as const) {
          const seconds = await secondsToReady({ backend: create(kafka.settings), groupId, topics });
          say(`partitions: ${count} on ${client}, ${start} start ${seconds.toFixed(1)} s`);
          measurements.push({ name: `${client}, ${count} partitions, ${start} start`, seconds });
        }
      }
    }
    return {
      ...emptyResult,
      measurements,
      figures: measurements.map(({ name, seconds }) => ({
        name,
        unit: 's' as const,
        spread: spreadOf([seconds]),
      })),
    };
  },
};

/** Made beforehand: how long Kafka takes for that is not a matter of the connector. */
async function createTopics({ settings }: KafkaCluster, count: number): Promise<Required<ConnectorTopics>> {
  const create = (config: Record<string, string> = {}) =>
    createTestTopic(settings, { partitions: count, config });
  return {
    commands: await create(),
    waiting: await create({ 'retention.ms': '-1' }),
    deadLetters: await create(),
    events: await create(),
  };
}

async function secondsToReady(
  options: Pick<ConnectorOptions, 'backend' | 'groupId' | 'topics'>,
): Promise<number> {
  const startedAtMs = performance.now();
  let connector: Connector | undefined;
  try {
    connector = await runConnector({
      ...options,
      deliverer: devices,
      startTimeoutMs,
    });
    while (connector.status().partitions.length === 0) await new Promise(setImmediate);
    return (performance.now() - startedAtMs) / 1_000;
  } finally {
    await connector?.close();
  }
}
