import type { MqttDelivererOptions } from '@preservarium/deliverer-mqtt';
import {
  type Environment,
  type ReadVariablesOptions,
  readSecret,
  readTlsOptions,
  readVariables,
} from '@preservarium/environment';
import { withoutUndefined } from '../without-undefined.js';
import { mqttVariables } from './mqtt-variables.js';

/**
 * Reads the options of the MQTT deliverer from its variables. Password, certificate and key are read again at each connection if files have them.
 *
 * @throws ConfigurationError that names the variable, the problem and an example
 */
export function readMqttOptions(
  environment: Environment = process.env,
  options: ReadVariablesOptions = {},
): MqttDelivererOptions {
  const values = readVariables(mqttVariables, environment, options);
  const optional = withoutUndefined({
    clientId: values.MQTT_CLIENT_ID,
    answerGroup: values.MQTT_ANSWER_GROUP,
    username: values.MQTT_USERNAME,
    webSocketHeaders: values.MQTT_WEBSOCKET_HEADERS,
    password: readSecret('MQTT_PASSWORD', mqttVariables, environment, options),
    tls: readTlsOptions('MQTT', environment, options),
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
  return { url, protocolVersion, qos, ...optional };
}
