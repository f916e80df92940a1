import { Kafka, logLevel } from 'kafkajs';
import { connectAsync } from 'mqtt';
import { withInFlight } from '../../with-in-flight.js';
import type { Way } from './way.js';

const partitions = 6;
const inFlightOfPartition = 100;

/**
 * The loop that one writes by hand: whole batches, up to 100 commands of a partition in flight. It keeps no order where a publish
 * fails, knows no expiry, no retries, no waiting and no dead letters, and a device that holds it up holds up its partition.
 */
export const deliverByHand: Way = async ({ brokers, topic, mqttUrl }) => {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `${topic}-group` });
  const [client] = await Promise.all([connectAsync(mqttUrl), consumer.connect()]);
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: partitions,
    eachBatchAutoResolve: false,
    async eachBatch({ batch, resolveOffset, heartbeat }) {
      await withInFlight(batch.messages.values(), inFlightOfPartition, async ({ value }) => {
        const command = JSON.parse(String(value)) as { readonly topic: string; readonly payload: unknown };
        await client.publishAsync(command.topic, JSON.stringify(command.payload), { qos: 1 });
      });
      resolveOffset(batch.lastOffset());
      await heartbeat();
    },
  });
  return async () => {
    await consumer.disconnect();
    await client.endAsync();
  };
};
