import { promisify } from 'node:util';
import type { KafkaOptions } from '@preservarium/backend';

const timeoutMs = 10_000;

/** Creates topics of the mock cluster, which has no call for it: they appear when a producer asks for their metadata. */
export async function nameTopics({ brokers }: KafkaOptions, topics: readonly string[]): Promise<void> {
  // Loaded here: at the first run the demo starts before it is compiled.
  const { default: Rdkafka } = await import('node-rdkafka');
  const producer = new Rdkafka.Producer({ 'metadata.broker.list': brokers.join(',') });
  await new Promise<void>((resolve, reject) => {
    producer.connect({ timeout: timeoutMs }, (error) => (error ? reject(error) : resolve()));
  });
  for (const topic of topics) {
    await new Promise<void>((resolve, reject) => {
      producer.getMetadata({ topic, timeout: timeoutMs }, (error) => (error ? reject(error) : resolve()));
    });
  }
  await promisify((done: () => void) => producer.disconnect(done))();
}
