import {
  createTopicPolicy,
  defaultCommandTopics,
  defaultDeviceTopics,
  type TopicPolicy,
} from '@preservarium/core';
import type { Variables, VariableValues } from '@preservarium/environment';
import { mqttVariables } from '../mqtt/mqtt-variables.js';

/** The variables of the MQTT connectors that say where commands may go. */
export const topicPolicyVariables = {
  MQTT_COMMAND_TOPICS: mqttVariables.MQTT_COMMAND_TOPICS,
  MQTT_TOPIC_TEMPLATE: mqttVariables.MQTT_TOPIC_TEMPLATE,
  MQTT_SETTINGS_TOPIC_TEMPLATE: mqttVariables.MQTT_SETTINGS_TOPIC_TEMPLATE,
  MQTT_RESPONSE_TOPIC_TEMPLATE: mqttVariables.MQTT_RESPONSE_TOPIC_TEMPLATE,
  MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE: mqttVariables.MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE,
  MQTT_PRESENCE_TOPIC_TEMPLATE: mqttVariables.MQTT_PRESENCE_TOPIC_TEMPLATE,
} as const satisfies Variables;

/**
 * Returns the policy of the MQTT connectors: commands that they would make dead letters of are then refused before Kafka. Where the environment
 * has none of their topics, only ids are checked, with the connectors' defaults.
 *
 * @throws ConfigurationError for a template that cannot work
 */
export function topicPolicyOf(values: VariableValues<typeof topicPolicyVariables>): TopicPolicy {
  const filledTopics = {
    MQTT_TOPIC_TEMPLATE: values.MQTT_TOPIC_TEMPLATE ?? defaultCommandTopics.topicTemplate,
    MQTT_SETTINGS_TOPIC_TEMPLATE:
      values.MQTT_SETTINGS_TOPIC_TEMPLATE ?? defaultCommandTopics.settingsTopicTemplate,
  };
  if (Object.values(values).every((value) => value === undefined)) {
    return createTopicPolicy({ commandTopics: ['#'], filledTopics });
  }
  const { MQTT_COMMAND_TOPICS: commandTopics, MQTT_RESPONSE_TOPIC_TEMPLATE: responses } = values;
  return createTopicPolicy({
    commandTopics,
    filledTopics,
    deviceTopics: {
      responseTopicTemplate: responses ?? defaultDeviceTopics.responseTopicTemplate,
      reportedSettingsTopicTemplate:
        values.MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE ?? defaultDeviceTopics.reportedSettingsTopicTemplate,
      presenceTopicTemplate: values.MQTT_PRESENCE_TOPIC_TEMPLATE ?? defaultDeviceTopics.presenceTopicTemplate,
    },
  });
}
