import type { KafkaOptions } from '@preservarium/backend';

/** Returns the Kafka that the tests of a run share; a test that breaks a cluster starts one of its own. */
export function sharedKafka(): KafkaOptions {
  const servers = process.env.KAFKA_BOOTSTRAP_SERVERS;
  if (!servers) throw new Error('KAFKA_BOOTSTRAP_SERVERS is not set: run these tests with `npm test`');
  return { brokers: servers.split(',') };
}
