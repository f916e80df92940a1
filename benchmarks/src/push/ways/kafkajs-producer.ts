import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';

/** kafkajs's idempotent producer, connected. */
export async function openKafkajsProducer(brokers: readonly string[]): Promise<Producer> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return producer;
}
