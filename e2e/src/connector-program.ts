// A connector in a process of its own, which tests end as they like. Node runs this file as it is.
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { runConnector } from '@preservarium/connector';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import type { ConnectorProgramOptions } from './connector-process.js';

const { backend, brokers, mqtt, connector } = JSON.parse(process.argv[2] ?? '{}') as ConnectorProgramOptions;
const createBackend = backend === 'kafkajs' ? createKafkajsBackend : createRdkafkaBackend;
const running = await runConnector({
  backend: createBackend({ brokers }),
  deliverer: createMqttDeliverer(mqtt),
  ...connector,
});
process.once('SIGTERM', () => running.close());
process.stdout.write('ready\n');
await running.closed;
