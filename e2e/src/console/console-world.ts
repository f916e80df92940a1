import { runConnector } from '@preservarium/connector';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import { createTestTopic, type Mosquitto } from '@preservarium/dev-services';
import { type Devices, startMqttDevices } from '@preservarium/device-simulator';
import { createSettings } from '@preservarium/settings';
import { onTestFinished } from 'vitest';
import { startGateway } from '../../../apps/gateway/test/start-gateway.js';
import { backends } from '../backends.js';
import { sharedKafka } from '../shared-kafka.js';

export interface ConsoleWorld {
  /** Address of the console. */
  readonly url: string;
  readonly topic: string;
  /** Pushes a command through the gateway. */
  push(command: Readonly<Record<string, unknown>>): Promise<void>;
  /** Lets lamps connect for the first time. */
  wake(...deviceIds: readonly string[]): Promise<Devices>;
}

export interface ConsoleWorldOptions {
  readonly mosquitto: Mosquitto;
  /** Variables of the gateway. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A gateway and a connector on topics of their own; devices whose commands succeed. */
export async function createConsoleWorld(options: ConsoleWorldOptions): Promise<ConsoleWorld> {
  const { mosquitto, environment = {} } = options;
  const kafka = sharedKafka();
  const topic = await createTestTopic(kafka, { partitions: 3 });
  const backend = backends.rdkafka(kafka);
  const topics = { settingsTopic: `${topic}-settings`, reportedTopic: `${topic}-reported` };
  const variables = { GATEWAY_CONNECTOR_GROUPS: `mqtt=${topic}`, ...environment };
  const { url } = await startGateway({ topic, args: ['--backend', 'rdkafka'], environment: variables });
  const connector = await runConnector({
    backend,
    settings: await createSettings({ backend, commandTopic: topic, ...topics }),
    deliverer: createMqttDeliverer({ url: mosquitto.url }),
    groupId: topic,
    from: 'beginning',
    topics: {
      commands: topic,
      waiting: `${topic}-waiting`,
      deadLetters: `${topic}-dead`,
      events: `${topic}-events`,
    },
    retry: { maxAttempts: 2, baseDelayMs: 100, maxDelayMs: 60_000 },
  });
  onTestFinished(() => connector.close({ timeoutMs: 5_000 }));
  return {
    url,
    topic,
    async push(command) {
      const response = await fetch(`${url}/v1/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ command_type: 'set_led', protocol: 'mqtt', ...command }),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    async wake(...deviceIds) {
      const devices = await startMqttDevices({
        deviceIds,
        execute: async ({ payload }) => ({ status: 'succeeded', result: { applied: payload } }),
        url: mosquitto.url,
      });
      onTestFinished(() => devices.close());
      return devices;
    },
  };
}
