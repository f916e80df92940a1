import { oneOf, tlsVariables, type Variables } from '@preservarium/environment';
import { z } from 'zod';

/** The variables of the MQTT side. `docs/configuration.md` has the same list. */
export const mqttVariables = {
  MQTT_URL: {
    rule: z.string().default('mqtt://localhost:1883'),
    meaning:
      'URL of the broker: `mqtt://` or `mqtts://`, over WebSocket `ws://` or `wss://` with path and query; without credentials.',
    example: '/run/secrets/mqtt-url',
    valueExample: 'mqtts://broker.example:8883',
    otherwise: '`mqtt://localhost:1883`',
    file: true,
  },
  MQTT_PROTOCOL_VERSION: {
    rule: oneOf(['5', '3.1.1'])
      .transform((version) => (version === '5' ? 5 : 4))
      .default(5),
    meaning: 'Version of MQTT: `5` or `3.1.1`.',
    example: '3.1.1',
    otherwise: '`5`',
  },
  MQTT_CLIENT_ID: {
    rule: z.string().optional(),
    meaning:
      'Unique client id of this connector; the broker then keeps the answers that arrive while it is offline.',
    example: 'greenhouse-connector-1',
    otherwise: 'a new one at each start',
  },
  MQTT_ANSWER_GROUP: {
    rule: z.string().min(1).optional(),
    meaning:
      'With MQTT 5, name of the group in which connectors share the answers, the same for all of them. With mosquitto, one that devices cannot guess: they could join the group, and answers would be lost.',
    example: '/run/secrets/mqtt-answer-group',
    otherwise: '`preservarium-pusher`',
    file: true,
  },
  MQTT_USERNAME: {
    rule: z.string().optional(),
    meaning: 'User at the broker.',
    example: 'connector',
  },
  MQTT_PASSWORD: {
    rule: z.string().optional(),
    meaning: 'Password at the broker.',
    example: '/run/secrets/mqtt-password',
    file: true,
    secret: true,
  },
  ...tlsVariables('MQTT', 'mqtt'),
  MQTT_WEBSOCKET_HEADERS: {
    rule: z
      .string()
      .regex(/^([\w-]+: ?[^\r\n]+(\r?\n|$))+$/, 'must be lines of the form "name: value"')
      .transform((text) =>
        Object.fromEntries(
          [...text.matchAll(/^([\w-]+): ?(.+?)\r?$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
        ),
      )
      .optional(),
    meaning: 'Headers for `ws://` and `wss://`, one a line, for example a token.',
    example: '/run/secrets/mqtt-headers',
    file: true,
    secret: true,
  },
  MQTT_TOPIC_TEMPLATE: {
    rule: z.string().optional(),
    meaning: 'Topic of commands that name none.',
    example: 'greenhouse/{deviceId}/commands',
    otherwise: '`devices/{deviceId}/commands`',
  },
  MQTT_COMMAND_TOPICS: {
    rule: z
      .string()
      .transform((text) => text.split(/[\s,]+/))
      .optional(),
    meaning: 'Topics that a command may name, separated by commas, with `{deviceId}`, `+` and a last `#`.',
    example: 'greenhouse/{deviceId}/#',
    otherwise: 'each that has the device id as one whole level, and is not that of another device',
  },
  MQTT_RESPONSE_TOPIC_TEMPLATE: {
    rule: z.string().optional(),
    meaning: 'Topic of the answers of devices.',
    example: 'greenhouse/{deviceId}/answers/{requestId}',
    otherwise: '`devices/{deviceId}/commands/{requestId}/response`',
  },
  MQTT_SETTINGS_TOPIC_TEMPLATE: {
    rule: z.string().optional(),
    meaning: 'Topic of the desired settings of a device, retained.',
    example: 'greenhouse/{deviceId}/settings',
    otherwise: '`devices/{deviceId}/settings`',
  },
  MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE: {
    rule: z.string().optional(),
    meaning: 'Topic of the settings that a device reports.',
    example: 'greenhouse/{deviceId}/settings/reported',
    otherwise: '`devices/{deviceId}/settings/reported`',
  },
  MQTT_PRESENCE_TOPIC_TEMPLATE: {
    rule: z.string().optional(),
    meaning: 'Topic where a device, or the broker for it, says whether it is there.',
    example: 'greenhouse/{deviceId}/status',
    otherwise: '`devices/{deviceId}/status`',
  },
  MQTT_PRESENT_WORDS: {
    rule: z
      .string()
      .min(1)
      .transform((text) => text.split(','))
      .optional(),
    meaning: 'Messages on that topic that say that the device is there, separated by commas.',
    example: 'online,Online,true',
    otherwise: '`online`',
  },
  MQTT_AWAY_WORDS: {
    rule: z
      .string()
      .min(1)
      .transform((text) => text.split(','))
      .optional(),
    meaning: 'Messages on that topic that say that the device is away, separated by commas.',
    example: 'offline,Offline,false',
    otherwise: '`offline`',
  },
  MQTT_PRESENCE_FIELD: {
    rule: z.string().min(1).optional(),
    meaning: 'Field of the JSON object on that topic that has the word.',
    example: 'state',
    otherwise: 'the message is the word',
  },
  MQTT_RETAIN_EXPIRING: {
    rule: oneOf(['true', 'false'])
      .transform((text) => text === 'true')
      .default(false),
    meaning: 'With 3.1.1, `true` allows retained commands that expire.',
    example: 'true',
    otherwise: '`false`: they are rejected',
  },
  MQTT_EXPIRES_AT_FIELD: {
    rule: z.string().min(1).optional(),
    meaning: 'Field of the JSON payload that says when a command expires, in ISO 8601.',
    example: 'expires_at',
    otherwise: 'none',
  },
  MQTT_QOS: {
    rule: oneOf(['1', '2'])
      .transform((qos) => (qos === '1' ? 1 : 2))
      .default(1),
    meaning: 'Quality of service of commands that name none: `1` or `2`.',
    example: '2',
    otherwise: '`1`',
  },
} as const satisfies Variables;

/** Names the variable of each option of the MQTT deliverer. */
export const mqttVariableOf = {
  url: 'MQTT_URL',
  protocolVersion: 'MQTT_PROTOCOL_VERSION',
  clientId: 'MQTT_CLIENT_ID',
  answerGroup: 'MQTT_ANSWER_GROUP',
  tls: 'MQTT_CA',
  topicTemplate: 'MQTT_TOPIC_TEMPLATE',
  commandTopics: 'MQTT_COMMAND_TOPICS',
  responseTopicTemplate: 'MQTT_RESPONSE_TOPIC_TEMPLATE',
  settingsTopicTemplate: 'MQTT_SETTINGS_TOPIC_TEMPLATE',
  reportedSettingsTopicTemplate: 'MQTT_REPORTED_SETTINGS_TOPIC_TEMPLATE',
  presenceTopicTemplate: 'MQTT_PRESENCE_TOPIC_TEMPLATE',
  retainExpiring: 'MQTT_RETAIN_EXPIRING',
  expiresAtField: 'MQTT_EXPIRES_AT_FIELD',
  presentWords: 'MQTT_PRESENT_WORDS',
  awayWords: 'MQTT_AWAY_WORDS',
  presenceField: 'MQTT_PRESENCE_FIELD',
} as const;
