import { mqttVariableOf, mqttVariables, readMqttOptions } from '@preservarium/command-line/mqtt';
import { runConnectorProcess } from '@preservarium/connector-process';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import { deviceTypeVariables, readMqttDeviceTypes } from './device-types.js';

await runConnectorProcess({
  name: 'mqtt-connector',
  summary: 'Takes commands from Kafka to devices through an MQTT broker.',
  examples: [
    '--brokers kafka:9092 --mqtt-url mqtt://mosquitto:1883',
    '--backend rdkafka --mqtt-url mqtts://broker.example:8883 --mqtt-username connector --mqtt-password-file /run/secrets/mqtt',
    '--mqtt-protocol-version 3.1.1 --from beginning --log-level debug',
  ],
  variables: { ...mqttVariables, ...deviceTypeVariables },
  variableOf: { ...mqttVariableOf, deviceTypes: 'MQTT_DEVICE_TYPES' },
  createDeliverer(values, { timeoutMs, logger, flags }) {
    const deviceTypes = readMqttDeviceTypes(values, logger);
    return createMqttDeliverer({
      ...readMqttOptions(process.env, { flags }),
      ...(deviceTypes !== undefined && { deviceTypes }),
      timeoutMs,
      logger,
    });
  },
});
