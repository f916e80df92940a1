import { setTimeout as pauseFor } from 'node:timers/promises';
import type { BlockedPartition } from '@preservarium/backend';
import type { RdkafkaClientOptions } from './client-options.js';
import { connectClient } from './rdkafka-client.js';
import { codecNames } from './rdkafka-codecs.js';
import { consumerConfig } from './rdkafka-config.js';
import type { ClientLogLine } from './rdkafka-log.js';
import type { ClientModule } from './rdkafka-module.js';
import type { StalledPartition } from './rdkafka-stalled-partitions.js';

const connectTimeoutMs = 10_000;
const readForMs = 2_000;
const pollEveryMs = 50;

/**
 * Resolves with those of the partitions whose next records the client cannot decompress.
 *
 * node-rdkafka hands over the error without its partition. librdkafka writes the partition into its log, with the codec: so a client that logs that much reads them for
 * a moment.
 */
export async function findBlocked(
  client: ClientModule,
  options: RdkafkaClientOptions,
  { groupId, stalled }: { readonly groupId: string; readonly stalled: readonly StalledPartition[] },
): Promise<readonly BlockedPartition[]> {
  const found = new Map<string, BlockedPartition>();
  const { global, topic } = consumerConfig(options, groupId);
  const consumer = new client.KafkaConsumer({ ...global, debug: 'msg' }, topic);
  consumer.on('event.log', (line: ClientLogLine) => {
    const blocked = readBlocked(line);
    if (blocked !== undefined) found.set(`${blocked.topic}/${blocked.partition}`, blocked);
  });
  await connectClient(consumer, options, {
    timeoutMs: connectTimeoutMs,
    serveEvents() {
      consumer.setDefaultConsumeTimeout(0);
      consumer.consume(1, () => {});
    },
  });
  try {
    consumer.assign(stalled.map(({ topic, partition, offset }) => ({ topic, partition, offset })));
    const endAtMs = performance.now() + readForMs;
    while (performance.now() < endAtMs && found.size < stalled.length) {
      await new Promise<void>((resolve) => {
        consumer.consume(1, () => resolve());
      });
      await pauseFor(pollEveryMs);
    }
    consumer.unassign();
  } finally {
    await new Promise<void>((resolve) => {
      consumer.disconnect(() => resolve());
    });
  }
  return [...found.values()];
}

function readBlocked({ message }: ClientLogLine): BlockedPartition | undefined {
  const found =
    /: (?<topic>[^ ]+) \[(?<partition>\d+)\]: Message at offset (?<offset>\d+) with unsupported compression codec 0x(?<codec>\d)/.exec(
      message,
    );
  if (found?.groups === undefined) return undefined;
  const { topic = '', partition, offset, codec } = found.groups;
  return {
    topic,
    partition: Number(partition),
    offset: Number(offset),
    codec: codecNames[Number(codec)] ?? `codec ${codec}`,
  };
}
