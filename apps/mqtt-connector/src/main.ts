import { mqttVariableOf, mqttVariables, readMqttOptions } from '@preservarium/command-line/mqtt';
import { readDeviceTypeRules, runConnectorProcess } from '@preservarium/connector-process';
import { createMqttDeliverer, type MqttDeviceType } from '@preservarium/deliverer-mqtt';
import { mqttDeviceVariables } from './mqtt-device-variables.js';

await runConnectorProcess({
  name: 'mqtt-connector',
  summary: 'Takes commands from Kafka to devices through an MQTT broker.',
  examples: [
    '--brokers kafka:9092 --mqtt-url mqtt://mosquitto:1883',
    '--backend rdkafka --mqtt-url mqtts://broker.example:8883 --mqtt-username connector --mqtt-password-file /run/secrets/mqtt',
    '--mqtt-protocol-version 3.1.1 --from beginning --log-level debug',
  ],
  variables: { ...mqttVariables, ...mqttDeviceVariables },
  variableOf: { ...mqttVariableOf, deviceTypes: 'MQTT_DEVICE_TYPES' },
  createDeliverer(values, { timeoutMs, logger, flags }) {
    const files = { types: values.MQTT_DEVICE_TYPES, devices: values.MQTT_DEVICES };
    const deviceTypes = readDeviceTypeRules<MqttDeviceType>('mqtt', files, logger);
    return createMqttDeliverer({
      ...readMqttOptions(process.env, { flags }),
      ...(deviceTypes !== undefined && { deviceTypes }),
      timeoutMs,
      logger,
    });
  },
});
