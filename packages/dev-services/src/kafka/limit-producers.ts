import { findJava } from './find-java.js';
import type { KafkaCluster } from './kafka-cluster.js';
import { kafkaJars } from './kafka-jars.js';
import { runCommand } from './run-command.js';

/** Limits what all producers together write to each broker, in bytes per second; `undefined` removes the limit. */
export async function limitProducers(
  { brokers }: Pick<KafkaCluster, 'brokers'>,
  bytesPerSecond: number | undefined,
): Promise<void> {
  const change =
    bytesPerSecond === undefined
      ? ['--delete-config', 'producer_byte_rate']
      : ['--add-config', `producer_byte_rate=${bytesPerSecond}`];
  await runCommand(
    await findJava(),
    [
      ...['-cp', `${await kafkaJars()}/*`, 'kafka.admin.ConfigCommand'],
      ...['--bootstrap-server', brokers.join(','), '--alter', '--entity-type', 'clients', '--entity-default'],
      ...change,
    ],
    { timeoutMs: 60_000 },
  );
}
