import { type KafkaCluster, limitProducers } from '@preservarium/dev-services';

/** Something that keeps brokers from taking what is pushed, and that passes. */
export interface Outage {
  readonly name: string;
  begin(kafka: KafkaCluster): Promise<void>;
  end(kafka: KafkaCluster): Promise<void>;
}

/** Connections stay open and nothing answers. */
export const frozen: Outage = {
  name: 'frozen',
  begin: async (kafka) => kafka.freeze(),
  end: async (kafka) => kafka.thaw(),
};

/** A small part of what is pushed. */
const quotaBytesPerSecond = 100_000;

/** The brokers take less than is pushed, and keep their answers back to say so. */
export const throttled: Outage = {
  name: 'throttled',
  begin: (kafka) => limitProducers(kafka, quotaBytesPerSecond),
  end: (kafka) => limitProducers(kafka, undefined),
};
