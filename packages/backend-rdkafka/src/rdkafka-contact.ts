import type { KafkaConsumer } from 'node-rdkafka';

/** Fetches and heartbeats are answered much more often than this. */
const contactLimitMs = 10_000;

/** The statistics of librdkafka about a broker: https://github.com/confluentinc/librdkafka/blob/master/STATISTICS.md */
interface BrokerStatistics {
  /** Microseconds since it was heard of; -1 where it never was. */
  readonly rxidle: number;
}

/**
 * Listens to the statistics of a consumer that is about to connect.
 *
 * @returns whether any broker has been heard of lately
 */
export function followContact(consumer: KafkaConsumer): () => boolean {
  let heardAtMs = performance.now();
  consumer.on('event.stats', ({ message }) => {
    const { brokers } = JSON.parse(message) as {
      readonly brokers: Readonly<Record<string, BrokerStatistics>>;
    };
    const idleUs = Object.values(brokers).flatMap(({ rxidle }) => (rxidle < 0 ? [] : [rxidle]));
    heardAtMs = performance.now() - Math.min(...idleUs) / 1_000;
  });
  return () => performance.now() - heardAtMs < contactLimitMs;
}
