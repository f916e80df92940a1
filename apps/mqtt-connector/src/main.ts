import { mqttVariableOf, mqttVariables, readMqttOptions } from '@preservarium/command-line/mqtt';
import { runConnectorProcess } from '@preservarium/connector-process';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';

await runConnectorProcess({
  name: 'mqtt-connector',
  summary: 'Takes commands from Kafka to devices through an MQTT broker.',
  examples: [
    '--brokers kafka:9092 --mqtt-url mqtt://mosquitto:1883',
    '--backend rdkafka --mqtt-url mqtts://broker.example:8883 --mqtt-username connector --mqtt-password-file /run/secrets/mqtt',
    '--mqtt-protocol-version 3.1.1 --from beginning --log-level debug',
  ],
  variables: mqttVariables,
  variableOf: mqttVariableOf,
  createDeliverer: (_values, { timeoutMs, logger, flags }) =>
    createMqttDeliverer({ ...readMqttOptions(process.env, { flags }), timeoutMs, logger }),
});
