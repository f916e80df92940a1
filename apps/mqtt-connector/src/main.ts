import { runConnectorProcess, withoutUndefined } from '@preservarium/connector-process';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import { readSecret, readTlsOptions } from '@preservarium/environment';
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
  createDeliverer(values, { timeoutMs, logger, flags }) {
    const settings = withoutUndefined({
      clientId: values.MQTT_CLIENT_ID,
      username: values.MQTT_USERNAME,
      webSocketHeaders: values.MQTT_WEBSOCKET_HEADERS,
      password: readSecret('MQTT_PASSWORD', mqttVariables, process.env, { flags }),
      tls: readTlsOptions('MQTT', process.env, { flags }),
      topicTemplate: values.MQTT_TOPIC_TEMPLATE,
      commandTopics: values.MQTT_COMMAND_TOPICS,
      responseTopicTemplate: values.MQTT_RESPONSE_TOPIC_TEMPLATE,
      settingsTopicTemplate: values.MQTT_SETTINGS_TOPIC_TEMPLATE,
      reportedSettingsTopicTemplate: values.MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE,
      presenceTopicTemplate: values.MQTT_PRESENCE_TOPIC_TEMPLATE,
      retainExpiring: values.MQTT_RETAIN_EXPIRING,
      expiresAtField: values.MQTT_EXPIRES_AT_FIELD,
      presentWords: values.MQTT_PRESENT_WORDS,
      awayWords: values.MQTT_AWAY_WORDS,
      presenceField: values.MQTT_PRESENCE_FIELD,
    });
    const { MQTT_URL: url, MQTT_PROTOCOL_VERSION: protocolVersion, MQTT_QOS: qos } = values;
    return createMqttDeliverer({ url, protocolVersion, qos, ...settings, timeoutMs, logger });
  },
});
