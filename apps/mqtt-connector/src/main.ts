import { runConnectorProcess, withoutUndefined } from '@preservarium/connector-process';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import { mqttVariables, variableOf } from './mqtt-variables.js';

await runConnectorProcess({
  name: 'mqtt-connector',
  summary: 'Takes commands from Kafka to devices through an MQTT broker.',
  examples: [
    '--brokers kafka:9092 --mqtt-url mqtt://mosquitto:1883',
    '--backend rdkafka --mqtt-url mqtts://broker.example:8883 --mqtt-username connector --mqtt-password-file /run/secrets/mqtt',
    '--mqtt-protocol-version 3.1.1 --from beginning --log-level debug',
  ],
  variables: mqttVariables,
  variableOf,
  createDeliverer(values, { timeoutMs, logger }) {
    const tls = withoutUndefined({ ca: values.MQTT_CA, cert: values.MQTT_CERT, key: values.MQTT_KEY });
    const settings = withoutUndefined({
      clientId: values.MQTT_CLIENT_ID,
      username: values.MQTT_USERNAME,
      password: values.MQTT_PASSWORD,
      webSocketHeaders: values.MQTT_WEBSOCKET_HEADERS,
      tls: Object.keys(tls).length > 0 ? tls : undefined,
      topicTemplate: values.MQTT_TOPIC_TEMPLATE,
      commandTopics: values.MQTT_COMMAND_TOPICS,
      responseTopicTemplate: values.MQTT_RESPONSE_TOPIC_TEMPLATE,
      settingsTopicTemplate: values.MQTT_SETTINGS_TOPIC_TEMPLATE,
      reportedSettingsTopicTemplate: values.MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE,
      presenceTopicTemplate: values.MQTT_PRESENCE_TOPIC_TEMPLATE,
      presentWords: values.MQTT_PRESENT_WORDS,
      awayWords: values.MQTT_AWAY_WORDS,
      presenceField: values.MQTT_PRESENCE_FIELD,
    });
    const { MQTT_URL: url, MQTT_PROTOCOL_VERSION: protocolVersion, MQTT_QOS: qos } = values;
    return createMqttDeliverer({ url, protocolVersion, qos, ...settings, timeoutMs, logger });
  },
});
