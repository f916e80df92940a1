import { createTopicPolicy, defaultDeviceTopics, type TopicPolicy } from '@preservarium/core';
import { readVariables, type Variables } from '@preservarium/environment';
import { z } from 'zod';
import { type EnvFileOptions, flagsOf } from './common-options.js';

const template = z.string().optional();

/** The variables of the MQTT connectors that say where commands may go. */
const variables = {
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
} satisfies Variables;

/**
 * Returns the policy of the MQTT connectors, if the environment has any of their topics: commands that they would make dead letters of are
 * then refused before Kafka.
 *
 * @throws ConfigurationError for a template that cannot work
 */
export function readTopicPolicy(options: EnvFileOptions): TopicPolicy | undefined {
  const values = readVariables(variables, process.env, { flags: flagsOf(options) });
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
