import type { KafkaConsumer } from 'node-rdkafka';

/** The statistics of librdkafka that are used of a consumer: https://github.com/confluentinc/librdkafka/blob/master/STATISTICS.md */
export interface ConsumerStatistics {
  readonly brokers: Readonly<Record<string, BrokerStatistics>>;
  readonly topics: Readonly<
    Record<string, { readonly partitions: Readonly<Record<string, PartitionStatistics>> }>
  >;
}

interface BrokerStatistics {
  /** Microseconds since it was heard of; -1 where it never was. */
  readonly rxidle: number;
}

interface PartitionStatistics {
  /** Records that are fetched and not yet polled. */
  readonly fetchq_cnt: number;
  /** Where the client fetches next. */
  readonly next_offset: number;
  /** The end of what a consumer is sent. */
  readonly ls_offset: number;
}

/** Calls `take` every few seconds with the statistics of a consumer that is about to connect. */
export function followStatistics(
  consumer: KafkaConsumer,
  take: (statistics: ConsumerStatistics) => void,
): void {
  consumer.on('event.stats', ({ message }) => take(JSON.parse(message) as ConsumerStatistics));
}
