import { topicPolicyVariables } from '@preservarium/command-line/application';
import type { MqttDelivererOptions } from '@preservarium/deliverer-mqtt';
import { oneOf, readVariables, type Variables } from '@preservarium/environment';
import { z } from 'zod';
import { type EnvFileOptions, flagsOf } from '../common-options.js';

const variables = {
  ...topicPolicyVariables,
  MQTT_URL: {
    rule: z.string().default('mqtt://localhost:1883'),
    meaning: 'URL of the broker.',
    example: 'mqtts://broker.example:8883',
  },
  MQTT_PROTOCOL_VERSION: {
    rule: oneOf(['5', '3.1.1'])
      .transform((version) => (version === '5' ? 5 : 4))
      .default(5),
    meaning: 'Version of MQTT.',
    example: '3.1.1',
  },
  MQTT_USERNAME: { rule: z.string().optional(), meaning: 'User at the broker.', example: 'connector' },
  MQTT_PASSWORD: {
    rule: z.string().optional(),
    meaning: 'Password at the broker.',
    example: '/run/secrets/mqtt-password',
    file: true,
    secret: true,
  },
} as const satisfies Variables;

/**
 * Reads the variables that the mqtt-connector has too.
 *
 * @param url wins over MQTT_URL
 * @throws ConfigurationError that names the variable
 */
export function readMqttOptions(url: string | undefined, options: EnvFileOptions): MqttDelivererOptions {
  const values = readVariables(variables, process.env, { flags: { ...flagsOf(options), MQTT_URL: url } });
  const settings = {
    username: values.MQTT_USERNAME,
    password: values.MQTT_PASSWORD,
    topicTemplate: values.MQTT_TOPIC_TEMPLATE,
    responseTopicTemplate: values.MQTT_RESPONSE_TOPIC_TEMPLATE,
    settingsTopicTemplate: values.MQTT_SETTINGS_TOPIC_TEMPLATE,
    reportedSettingsTopicTemplate: values.MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE,
    presenceTopicTemplate: values.MQTT_PRESENCE_TOPIC_TEMPLATE,
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    url: values.MQTT_URL,
    protocolVersion: values.MQTT_PROTOCOL_VERSION,
    ...Object.fromEntries(given),
  };
}
