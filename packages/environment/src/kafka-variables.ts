import { z } from 'zod';
import { tlsVariables } from './tls-variables.js';
import { hasCredentials, oneOf, topicName } from './value-rules.js';
import type { Variables } from './variable.js';

/** A host name, an IPv4 address, or an IPv6 address in brackets. */
const broker = /^(?:[^\s:/,@[\]]+|\[[\da-f:.]+\]):(\d{1,5})$/i;

const brokers = z.string().transform((text, context) => {
  const list = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const wrong = list.find((entry) => !isPort(broker.exec(entry)?.[1]));
  if (wrong === undefined && list.length > 0) return list;
  context.addIssue(`"${wrong ?? ''}" is not host:port; give one or more brokers, separated by commas`);
  return z.NEVER;
});

function isPort(text: string | undefined): boolean {
  const port = Number(text);
  return port >= 1 && port <= 65_535;
}

/** The secret goes there: only to this machine without TLS. */
const tokenEndpoint = z.string().refine((text) => {
  const url = URL.parse(text);
  if (url === null || hasCredentials(url)) return false;
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
}, 'must be an https:// URL, or an http:// URL of this machine, without credentials');

/** Every variable about Kafka, with its rule. `docs/configuration.md` has the same list. */
export const kafkaVariables = {
  KAFKA_BOOTSTRAP_SERVERS: {
    rule: brokers.default(['localhost:9092']),
    meaning: 'Brokers to start from: `host:port`, separated by commas; an IPv6 address in brackets.',
    example: '/run/secrets/kafka-brokers',
    valueExample: 'kafka-1:9092,kafka-2:9092',
    file: true,
    otherwise: '`localhost:9092`',
  },
  PUSHER_BACKEND: {
    rule: oneOf(['kafkajs', 'rdkafka', 'memory']).default('kafkajs'),
    meaning: 'Kafka client: `kafkajs`, `rdkafka`, or `memory`, which uses no Kafka.',
    example: 'rdkafka',
    otherwise: '`kafkajs`',
  },
  DEVICE_COMMAND_TOPIC: {
    rule: topicName.default('device_commands'),
    meaning: 'Topic of commands.',
    example: 'device_commands',
    otherwise: '`device_commands`',
    aliases: ['KAFKA_DEVICE_COMMANDS_TOPIC', 'KAFKA_COMMAND_TOPIC'],
  },
  DEVICE_SETTINGS_TOPIC: {
    rule: topicName.default('device_settings'),
    meaning: 'Topic of the desired settings of devices.',
    example: 'device_settings',
    otherwise: '`device_settings`',
  },
  DEVICE_REPORTED_SETTINGS_TOPIC: {
    rule: topicName.default('device_settings_reported'),
    meaning: 'Topic of the settings that devices report.',
    example: 'device_settings_reported',
    otherwise: '`device_settings_reported`',
  },
  DEVICE_WAITING_TOPIC: {
    rule: topicName.default('device_commands_waiting'),
    meaning: 'Topic of commands that wait for their devices, and of cancellations.',
    example: 'device_commands_waiting',
    otherwise: '`device_commands_waiting`',
  },
  DEVICE_DEAD_LETTER_TOPIC: {
    rule: topicName.default('device_commands_dead'),
    meaning: 'Topic of commands that did not reach their devices.',
    example: 'device_commands_dead',
    otherwise: '`device_commands_dead`',
  },
  DEVICE_EVENT_TOPIC: {
    rule: topicName.default('device_command_events'),
    meaning: 'Topic of the lifecycle events of commands.',
    example: 'device_command_events',
    otherwise: '`device_command_events`',
  },
  KAFKA_CLIENT_ID: {
    rule: z.string().optional(),
    meaning: "Name of this client in the brokers' logs and quotas.",
    example: 'greenhouse-api',
    otherwise: '`preservarium-pusher`',
  },
  KAFKA_COMPRESSION: {
    rule: oneOf(['none', 'gzip', 'snappy', 'lz4', 'zstd']).optional(),
    meaning: 'Compression of records: `none`, `gzip`, `snappy`, `lz4` or `zstd`, where the client has it.',
    example: 'gzip',
    otherwise: '`none`',
  },
  KAFKA_PARTITIONER: {
    rule: oneOf(['murmur2', 'crc32']).optional(),
    meaning:
      'Hash that assigns a device to its partition: `murmur2` as in Java, or `crc32` as in plain librdkafka.',
    example: 'murmur2',
    otherwise: '`murmur2`',
  },
  KAFKA_SECURITY_PROTOCOL: {
    rule: oneOf(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']).optional(),
    meaning: '`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.',
    example: 'SASL_SSL',
    otherwise: 'follows from `KAFKA_SSL*` and `KAFKA_SASL*`',
  },
  KAFKA_SSL: {
    rule: oneOf(['true', 'false']).optional(),
    meaning: 'Use of TLS: `true` or `false`.',
    example: 'true',
    otherwise: '`true` where another `KAFKA_SSL_*` is set',
  },
  ...tlsVariables('KAFKA_SSL', 'kafka'),
  KAFKA_SASL_MECHANISM: {
    rule: oneOf(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER', 'AWS_MSK_IAM']).optional(),
    meaning:
      '`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER`, with the variables below or a token function of the code, or `AWS_MSK_IAM`, with `@preservarium/msk-iam`.',
    example: 'SCRAM-SHA-512',
    otherwise: 'no authentication',
  },
  KAFKA_SASL_USERNAME: {
    rule: z.string().optional(),
    meaning: 'User of `PLAIN` and `SCRAM-*`.',
    example: 'pusher',
  },
  KAFKA_SASL_PASSWORD: {
    rule: z.string().optional(),
    meaning: 'Password of `PLAIN` and `SCRAM-*`.',
    example: '/run/secrets/kafka-password',
    file: true,
    secret: true,
  },
  KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: {
    rule: tokenEndpoint.optional(),
    meaning: 'Token endpoint of the identity provider, for the client credentials of `OAUTHBEARER`.',
    example: 'https://login.example/oauth2/token',
  },
  KAFKA_SASL_OAUTHBEARER_CLIENT_ID: {
    rule: z.string().optional(),
    meaning: 'Client id at the identity provider.',
    example: 'pusher',
  },
  KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: {
    rule: z.string().optional(),
    meaning: 'Secret of that client.',
    example: '/run/secrets/kafka-client-secret',
    file: true,
    secret: true,
  },
  KAFKA_SASL_OAUTHBEARER_SCOPE: {
    rule: z.string().optional(),
    meaning: 'Scope of the tokens, where the identity provider needs one.',
    example: 'kafka',
  },
  KAFKA_SASL_AWS_REGION: {
    rule: z.string().optional(),
    meaning: 'AWS region of the cluster, for `AWS_MSK_IAM`.',
    example: 'eu-central-1',
    otherwise: 'that of `AWS_REGION`',
  },
  AWS_REGION: {
    rule: z.string().optional(),
    meaning: 'AWS region of the process, as AWS sets it.',
    example: 'eu-central-1',
  },
} as const satisfies Variables;
