import {
  createTopicPolicy,
  defaultCommandTopics,
  defaultDeviceTopics,
  type TopicPolicy,
} from '@preservarium/core';
import type { Variables, VariableValues } from '@preservarium/environment';
import { z } from 'zod';

const template = z.string().optional();

/** The variables of the MQTT connectors that say where commands may go. */
export const topicPolicyVariables = {
  MQTT_COMMAND_TOPICS: {
    rule: z
      .string()
      .transform((text) => text.split(/[\s,]+/))
      .optional(),
    meaning: 'Topics that a command may name, as the MQTT connectors have it.',
    example: 'greenhouse/{deviceId}/#',
  },
  MQTT_TOPIC_TEMPLATE: {
    rule: template,
    meaning: 'Topic of commands that name none, as the MQTT connectors have it.',
    example: 'greenhouse/{+deviceId}/commands',
  },
  MQTT_SETTINGS_TOPIC_TEMPLATE: {
    rule: template,
    meaning: 'Topic of the desired settings of a device, as the MQTT connectors have it.',
    example: 'greenhouse/{+deviceId}/settings',
  },
  MQTT_RESPONSE_TOPIC_TEMPLATE: {
    rule: template,
    meaning: 'Topic of the answers of devices.',
    example: 'greenhouse/{deviceId}/answers/{requestId}',
  },
  MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE: {
    rule: template,
    meaning: 'Topic of the settings that a device reports.',
    example: 'greenhouse/{deviceId}/settings/reported',
  },
  MQTT_PRESENCE_TOPIC_TEMPLATE: {
    rule: template,
    meaning: 'Topic where a device publishes `online`.',
    example: 'greenhouse/{deviceId}/status',
  },
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
