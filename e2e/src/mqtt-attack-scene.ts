import { readFileSync } from 'node:fs';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { createTestTopic, type Mosquitto, startMosquitto } from '@preservarium/dev-services';
import { onTestFinished } from 'vitest';
import { program } from './attacks.js';
import { sharedKafka } from './shared-kafka.js';

const kafka = sharedKafka();
const users = { connector: 'c', pump: 'p', thief: 't', '+': 'w', 'thief/../pump': 's' };
export type MqttUser = keyof typeof users;

export interface MqttSceneOptions {
  /** Further arguments and variables of the connector. */
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Further lines of the configuration of mosquitto. */
  readonly configuration?: readonly string[];
  /** Lines of the file of rules. Default: those of the README. */
  readonly accessControl?: readonly string[];
  /** Called before the connector starts. */
  before?(broker: Mosquitto): Promise<void>;
}

export const as = (username: MqttUser) => ({ username, password: users[username] });

/** Devices of a broker with the rules of the README, and the connector's program. */
export async function createMqttScene(options: MqttSceneOptions = {}) {
  const readme = readFileSync(new URL('../../packages/deliverer-mqtt/README.md', import.meta.url), 'utf8');
  const [, ofReadme = ''] = /```\n(# Each device: .*?)\n```/s.exec(readme) ?? [];
  const { configuration = [], accessControl = ofReadme.split('\n') } = options;
  const broker = await startMosquitto({ users, accessControl, configuration });
  onTestFinished(() => broker.stop());
  await options.before?.(broker);
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const connector = startConnector(
    program('mqtt-connector'),
    [
      ...[...connectorArguments(topic), '--mqtt-url', broker.url, '--mqtt-username', 'connector'],
      ...(options.arguments ?? []),
    ],
    { environment: { MQTT_PASSWORD: users.connector, ...options.environment } },
  );
  onTestFinished(() => connector[Symbol.asyncDispose]());
  await connector.logged('taking commands');
  return { broker, topic, as };
}
