import { createTopicPolicy, defaultDeviceTopics, type TopicPolicy } from '@preservarium/core';
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
 * Returns the policy of the MQTT connectors, if the environment has any of their topics: commands that they would make dead letters of are
 * then refused before Kafka.
 *
 * @throws ConfigurationError for a template that cannot work
 */
export function topicPolicyOf(values: VariableValues<typeof topicPolicyVariables>): TopicPolicy | undefined {
  if (Object.values(values).every((value) => value === undefined)) return undefined;
  const { MQTT_COMMAND_TOPICS: commandTopics, MQTT_RESPONSE_TOPIC_TEMPLATE: responses } = values;
  return createTopicPolicy({
    commandTopics,
    deviceTopics: {
      responseTopicTemplate: responses ?? defaultDeviceTopics.responseTopicTemplate,
      reportedSettingsTopicTemplate:
        values.MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE ?? defaultDeviceTopics.reportedSettingsTopicTemplate,
      presenceTopicTemplate: values.MQTT_PRESENCE_TOPIC_TEMPLATE ?? defaultDeviceTopics.presenceTopicTemplate,
    },
  });
}
