import { ConfigurationError } from '@preservarium/core';
import type { KafkaCluster, KafkaKind } from './kafka-cluster.js';

/** The faults of a cluster whose brokers are not ours to stop: each says so. */
export function unbreakable(kind: KafkaKind): Pick<KafkaCluster, 'freeze' | 'thaw' | 'kill' | 'start'> {
  const refusal = (operation: string) =>
    new ConfigurationError(
      `${operation}() cannot be done to a Kafka of kind "${kind}"; use startKafka({ isolated: true }) with Java 17 and Maven installed`,
    );
  return {
    freeze() {
      throw refusal('freeze');
    },
    thaw() {
      throw refusal('thaw');
    },
    kill: () => Promise.reject(refusal('kill')),
    start: () => Promise.reject(refusal('start')),
  };
}
