import { BackendUnavailableError, ConfigurationError } from '@preservarium/core';
import type { KafkaCluster, StartKafkaOptions } from './kafka-cluster.js';
import { unbreakable } from './unbreakable.js';
import { waitUntilReady } from './wait-until-ready.js';

/** The cluster that `KAFKA_BOOTSTRAP_SERVERS` names. It must answer: another one in its place would surprise. */
export async function useExistingKafka(options: StartKafkaOptions): Promise<KafkaCluster> {
  const named = process.env.KAFKA_BOOTSTRAP_SERVERS;
  if (!named) throw new BackendUnavailableError('KAFKA_BOOTSTRAP_SERVERS is not set');
  if (
    options.isolated ||
    options.autoCreateTopics ||
    options.security === 'sasl-ssl' ||
    options.brokers === 3
  ) {
    throw new BackendUnavailableError('a cluster of its own was asked for, by its options');
  }
  const brokers = named.split(',').map((broker) => broker.trim());
  const settings = { brokers };
  try {
    await waitUntilReady(settings, { brokers: 1, timeoutMs: 10_000 });
  } catch (cause) {
    throw new ConfigurationError(
      `KAFKA_BOOTSTRAP_SERVERS is "${named}", and nothing answers there; unset it to have a Kafka started, or give for example 127.0.0.1:9092`,
      { cause },
    );
  }
  const stop = async () => {};
  return {
    kind: 'existing',
    brokers,
    settings,
    ...unbreakable('existing'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
