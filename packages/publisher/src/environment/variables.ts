import { z } from 'zod';

/** What is said about a variable in messages and in the documentation. */
export interface VariableFacts {
  readonly meaning: string;
  /** A value that works; an error shows it. */
  readonly example: string;
  /** What holds where it is not set, in words. Default: nothing. */
  readonly otherwise?: string;
  /** Older names of the same variable. */
  readonly aliases?: readonly string[];
  /** Its value may be in a file that `<NAME>_FILE` names. */
  readonly file?: true;
  /** Its value stays out of messages. */
  readonly secret?: true;
}

const variableFacts = z.registry<VariableFacts>();

const broker = /^[^\s:/,]+:(\d{1,5})$/;

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

const topic = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[\w.-]{1,249}$/,
    'must be 1 to 249 letters, digits, dots, underscores and hyphens, as Kafka has it',
  );

const pem = z
  .string()
  .regex(/-----BEGIN [A-Z0-9 ]+-----/, 'must be PEM text, which has a line -----BEGIN ...-----');

/** One of the values, in upper or lower case. */
function oneOf<const Value extends string>(values: readonly Value[]) {
  return z.string().transform((text, context): Value => {
    const value = values.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (value !== undefined) return value;
    context.addIssue(`must be one of ${values.join(', ')}`);
    return z.NEVER;
  });
}

function isPort(text: string | undefined): boolean {
  const port = Number(text);
  return port >= 1 && port <= 65_535;
}

/** Every variable that is read, with its rules. `docs/configuration.md` has the same list. */
export const variables = z.object({
  KAFKA_BOOTSTRAP_SERVERS: brokers.default(['localhost:9092']).register(variableFacts, {
    meaning: 'Brokers to start from: `host:port`, separated by commas.',
    example: 'kafka-1:9092,kafka-2:9092',
    otherwise: '`localhost:9092`',
  }),
  PUSHER_BACKEND: oneOf(['kafkajs', 'rdkafka', 'memory']).default('kafkajs').register(variableFacts, {
    meaning: 'Kafka client to use: `kafkajs`, `rdkafka`, or `memory`, which has no Kafka.',
    example: 'rdkafka',
    otherwise: '`kafkajs`',
  }),
  DEVICE_COMMAND_TOPIC: topic.default('device_commands').register(variableFacts, {
    meaning: 'Topic of commands.',
    example: 'device_commands',
    otherwise: '`device_commands`',
    aliases: ['KAFKA_DEVICE_COMMANDS_TOPIC', 'KAFKA_COMMAND_TOPIC'],
  }),
  DEVICE_SETTINGS_TOPIC: topic.default('device_settings').register(variableFacts, {
    meaning: 'Topic of the desired settings of devices.',
    example: 'device_settings',
    otherwise: '`device_settings`',
  }),
  DEVICE_WAITING_TOPIC: topic.default('device_commands_waiting').register(variableFacts, {
    meaning: 'Topic of commands that wait for their devices, and of cancellations.',
    example: 'device_commands_waiting',
    otherwise: '`device_commands_waiting`',
  }),
  DEVICE_DEAD_LETTER_TOPIC: topic.default('device_commands_dead').register(variableFacts, {
    meaning: 'Topic of commands that did not reach their devices.',
    example: 'device_commands_dead',
    otherwise: '`device_commands_dead`',
  }),
  KAFKA_CLIENT_ID: z.string().optional().register(variableFacts, {
    meaning: "Name of this client in the brokers' logs and quotas.",
    example: 'greenhouse-api',
    otherwise: '`preservarium-pusher`',
  }),
  KAFKA_COMPRESSION: oneOf(['none', 'gzip', 'snappy', 'lz4', 'zstd']).optional().register(variableFacts, {
    meaning:
      'Compression of what is sent: `none`, `gzip`, `snappy`, `lz4` or `zstd`, where the client has it.',
    example: 'gzip',
    otherwise: '`none`',
  }),
  KAFKA_PARTITIONER: oneOf(['murmur2', 'crc32']).optional().register(variableFacts, {
    meaning:
      'How a device is given its partition: `murmur2` as in Java, or `crc32` as in librdkafka by itself.',
    example: 'murmur2',
    otherwise: '`murmur2`',
  }),
  KAFKA_SECURITY_PROTOCOL: oneOf(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'])
    .optional()
    .register(variableFacts, {
      meaning: '`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.',
      example: 'SASL_SSL',
      otherwise: 'follows from `KAFKA_SSL*` and `KAFKA_SASL*`',
    }),
  KAFKA_SSL: oneOf(['true', 'false']).optional().register(variableFacts, {
    meaning: 'Whether to use TLS: `true` or `false`.',
    example: 'true',
    otherwise: '`true` where another `KAFKA_SSL_*` is set',
  }),
  KAFKA_SSL_CA: pem.optional().register(variableFacts, {
    meaning: "PEM of the certificate authorities to trust in place of the system's.",
    example: '/etc/kafka/ca.pem',
    file: true,
  }),
  KAFKA_SSL_CERT: pem.optional().register(variableFacts, {
    meaning: "PEM of the client's certificate.",
    example: '/etc/kafka/client.pem',
    file: true,
  }),
  KAFKA_SSL_KEY: pem.optional().register(variableFacts, {
    meaning: "PEM of the client's private key.",
    example: '/run/secrets/kafka-client-key',
    file: true,
    secret: true,
  }),
  KAFKA_SASL_MECHANISM: oneOf(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'])
    .optional()
    .register(variableFacts, {
      meaning:
        '`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, or `OAUTHBEARER`, for which the code gives a token function.',
      example: 'SCRAM-SHA-512',
      otherwise: 'no authentication',
    }),
  KAFKA_SASL_USERNAME: z.string().optional().register(variableFacts, {
    meaning: 'User of `PLAIN` and `SCRAM-*`.',
    example: 'pusher',
  }),
  KAFKA_SASL_PASSWORD: z.string().optional().register(variableFacts, {
    meaning: 'Password of `PLAIN` and `SCRAM-*`.',
    example: '/run/secrets/kafka-password',
    file: true,
    secret: true,
  }),
});

export type VariableName = keyof typeof variables.shape;
export type VariableValues = z.output<typeof variables>;

export const variableNames = Object.keys(variables.shape) as readonly VariableName[];

export function factsOf(name: VariableName): VariableFacts {
  // Every variable above is registered.
  return variableFacts.get(variables.shape[name]) as VariableFacts;
}

/** `NAME=value` as it may be written, for an error to show. */
export function exampleOf(name: VariableName): string {
  const { example, file } = factsOf(name);
  return `${name}${file ? '_FILE' : ''}=${example}`;
}
