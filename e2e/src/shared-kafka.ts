import type { KafkaOptions } from '@preservarium/backend';

/** The Kafka that is shared by the tests of a run; whoever breaks a cluster starts one of its own. */
export function sharedKafka(): KafkaOptions {
  const servers = process.env.KAFKA_BOOTSTRAP_SERVERS;
  if (!servers) throw new Error('KAFKA_BOOTSTRAP_SERVERS is not set: run these tests with `npm test`');
  return { brokers: servers.split(',') };
}
