import type { KafkaCluster } from '@preservarium/dev-services';
import { setProducerQuota } from './producer-quota.js';

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
  begin: (kafka) => setProducerQuota(kafka, quotaBytesPerSecond),
  end: (kafka) => setProducerQuota(kafka, undefined),
};
