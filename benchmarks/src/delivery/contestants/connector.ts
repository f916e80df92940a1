import type { Backend, KafkaOptions } from '@preservarium/backend';
import { runConnector } from '@preservarium/connector';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import type { Way } from './way.js';
import { withDeadDevice } from './with-dead-device.js';

export interface ConnectorWayOptions {
  createBackend(settings: KafkaOptions): Backend;
  /** True: the connector writes lifecycle events. */
  readonly events: boolean;
  readonly deadDevice?: string;
}

/** This project's connector with its defaults. */
export function deliverByConnector({ createBackend, events, deadDevice }: ConnectorWayOptions): Way {
  return async ({ brokers, topic, mqttUrl }) => {
    const deliverer = createMqttDeliverer({ url: mqttUrl, clientId: `${topic}-connector` });
    const connector = await runConnector({
      backend: createBackend({ brokers }),
      deliverer: deadDevice === undefined ? deliverer : withDeadDevice(deliverer, deadDevice),
      groupId: `${topic}-group`,
      from: 'beginning',
      topics: {
        commands: topic,
        waiting: `${topic}-waiting`,
        deadLetters: `${topic}-dead`,
        events: events && `${topic}-events`,
      },
    });
    connector.closed.catch((error) => {
      console.error(error);
      process.exit(1);
    });
    return () => connector.close();
  };
}
