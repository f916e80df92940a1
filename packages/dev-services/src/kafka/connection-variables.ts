import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaCluster } from './kafka-cluster.js';

export interface ConnectionVariables {
  /** `NAME=value`, for an application's environment. */
  readonly variables: readonly string[];
  /** Deletes the file that a variable names. */
  dispose(): Promise<void>;
}

/** The environment variables with which an application reaches the cluster. The authority's certificate goes to a file. */
export async function connectionVariables({ settings }: KafkaCluster): Promise<ConnectionVariables> {
  const { brokers, tls, sasl } = settings;
  const bootstrap = `KAFKA_BOOTSTRAP_SERVERS=${brokers.join(',')}`;
  if (
    typeof tls !== 'object' ||
    tls.ca === undefined ||
    sasl === undefined ||
    sasl.mechanism === 'oauthbearer' ||
    typeof sasl.password === 'function'
  ) {
    return { variables: [bootstrap], dispose: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), 'preservarium-kafka-authority-'));
  const file = join(folder, 'authority.pem');
  await writeFile(file, tls.ca);
  return {
    variables: [
      bootstrap,
      'KAFKA_SECURITY_PROTOCOL=SASL_SSL',
      `KAFKA_SSL_CA_FILE=${file}`,
      `KAFKA_SASL_MECHANISM=${sasl.mechanism.toUpperCase()}`,
      `KAFKA_SASL_USERNAME=${sasl.username}`,
      `KAFKA_SASL_PASSWORD=${sasl.password}`,
    ],
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
