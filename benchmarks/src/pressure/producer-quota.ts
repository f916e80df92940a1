import { join } from 'node:path';
import { findJava, type KafkaCluster, kafkaJars } from '@preservarium/dev-services';
import { runProgram } from '../run-program.js';

/** Limits what all producers together write to each broker, in bytes per second; `undefined` removes the limit. */
export async function setProducerQuota(
  { brokers }: KafkaCluster,
  bytesPerSecond: number | undefined,
): Promise<void> {
  const change =
    bytesPerSecond === undefined
      ? ['--delete-config', 'producer_byte_rate']
      : ['--add-config', `producer_byte_rate=${bytesPerSecond}`];
  await runProgram(await findJava(), [
    ...['-cp', join(await kafkaJars(), '*'), 'kafka.admin.ConfigCommand'],
    ...['--bootstrap-server', brokers.join(','), '--alter', '--entity-type', 'clients', '--entity-default'],
    ...change,
  ]);
}
