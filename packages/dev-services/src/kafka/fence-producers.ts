import { randomUUID } from 'node:crypto';
import type { KafkaOptions } from '@preservarium/backend';
import kafkajs, { type Cluster } from 'kafkajs';
import { kafkajsClient } from './kafkajs-client.js';

/** The part of a broker of kafkajs that is used; kafkajs publishes no types for it. */
interface Broker {
  fetch(request: object): Promise<{ readonly responses: readonly FetchedTopic[] }>;
  produce(request: object): Promise<unknown>;
}

interface FetchedTopic {
  readonly partitions: readonly { readonly messages: readonly FetchedMessage[] }[];
}

interface FetchedMessage {
  readonly batchContext: { readonly producerId: string; readonly producerEpoch: number };
}

/** A producer that is refused may take the next epoch itself, and would then take this record for its own. */
const epochsAhead = 1_000;
const maxBytes = 16 * 1024 * 1024;

/**
 * Writes a record to each partition with the id of the idempotent producer that wrote its last record and a higher epoch: the brokers refuse that producer from
 * then on, as they do where another one took its id over. The key of the record is the number of the partition.
 */
export async function fenceProducers(settings: KafkaOptions, topic: string): Promise<void> {
  let cluster: Cluster | undefined;
  const consumer = kafkajsClient(settings).consumer({
    groupId: randomUUID(),
    partitionAssigners: [
      (config) => {
        cluster = config.cluster;
        return kafkajs.PartitionAssigners.roundRobin(config);
      },
    ],
  });
  if (cluster === undefined) throw new Error('kafkajs makes assigners later than it did');
  try {
    await consumer.connect();
    await cluster.addMultipleTargetTopics([topic]);
    for (const { partitionId, leader } of cluster.findTopicPartitionMetadata(topic)) {
      const broker = (await cluster.findBroker({ nodeId: String(leader) })) as unknown as Broker;
      await fencePartition(broker, topic, partitionId);
    }
  } finally {
    await consumer.disconnect();
  }
}

async function fencePartition(broker: Broker, topic: string, partition: number): Promise<void> {
  const partitions = [{ partition, fetchOffset: '0', maxBytes }];
  const fetched = await broker.fetch({
    topics: [{ topic, partitions }],
    maxWaitTime: 100,
    minBytes: 1,
    maxBytes,
  });
  const last = fetched.responses[0]?.partitions[0]?.messages.at(-1);
  if (last === undefined) return;
  const { producerId, producerEpoch } = last.batchContext;
  const messages = [{ key: Buffer.from(String(partition)), value: Buffer.from('-1'), headers: {} }];
  await broker.produce({
    producerId,
    producerEpoch: producerEpoch + epochsAhead,
    topicData: [{ topic, partitions: [{ partition, firstSequence: 0, messages }] }],
  });
}
