import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTls } from '@preservarium/backend';
import { onOneLine, propertiesText } from './broker-properties.js';
import { passwords } from './credentials.js';
import { findJava } from './find-java.js';
import type { KafkaCluster } from './kafka-cluster.js';
import { kafkaJars } from './kafka-jars.js';
import { runCommand } from './run-command.js';

export interface NewPassword {
  readonly username: keyof typeof passwords;
  readonly password: string;
}

/** Changes the password of a user of a `sasl-ssl` cluster for SCRAM-SHA-256. Open connections stay. */
export async function changePassword(
  { settings }: KafkaCluster,
  { username, password }: NewPassword,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'preservarium-kafka-password-'));
  const file = join(folder, 'client.properties');
  const plainLogin = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const properties = {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': `${plainLogin} required username="admin" password="${passwords.admin}";`,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': onOneLine(readTls(settings.tls || {}).ca ?? ''),
  };
  try {
    await writeFile(file, propertiesText(properties));
    const config = ['--add-config', `SCRAM-SHA-256=[password=${password}]`];
    const user = ['--alter', '--entity-type', 'users', '--entity-name', username];
    const connection = ['--bootstrap-server', settings.brokers.join(','), '--command-config', file];
    const command = ['-cp', `${await kafkaJars()}/*`, 'kafka.admin.ConfigCommand'];
    await runCommand(await findJava(), [...command, ...connection, ...user, ...config], {
      timeoutMs: 60_000,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
