import type { KafkaOptions, OauthBearerToken } from '@preservarium/backend';
import type { Environment } from './find-values.js';
import { kafkaVariables } from './kafka-variables.js';
import { type ReadVariablesOptions, readVariables } from './read-variables.js';
import { readSecret } from './secret.js';
import { securityOptions } from './security-options.js';
import { readTlsOptions } from './tls-variables.js';

export interface ReadKafkaOptionsInput extends ReadVariablesOptions {
  /** Gets a token where `KAFKA_SASL_MECHANISM` is `OAUTHBEARER`. */
  readonly token?: () => Promise<OauthBearerToken>;
}

/** The options of a Kafka backend, the choice of the backend, and the names of the topics. */
export interface EnvironmentOptions extends KafkaOptions {
  /** The backend to create with these options. */
  readonly backend: 'kafkajs' | 'rdkafka' | 'memory';
  readonly commandTopic: string;
  readonly settingsTopic: string;
  readonly reportedSettingsTopic: string;
  readonly waitingTopic: string;
  readonly deadLetterTopic: string;
  readonly eventTopic: string;
}

/**
 * Reads the variables of `docs/configuration.md`: flags before the environment, before the file of
 * variables that `PUSHER_ENV_FILE` names, before defaults.
 *
 * ```ts
 * const options = readKafkaOptions();
 * const service = createPusherService({
 *   backend: createKafkajsBackend(options),
 *   commandTopic: options.commandTopic,
 *   settingsTopic: options.settingsTopic,
 *   waitingTopic: options.waitingTopic,
 * });
 * ```
 *
 * @throws ConfigurationError that names the variable, what is wrong with its value and an example; it has no secrets
 */
export function readKafkaOptions(
  environment: Environment = process.env,
  options: ReadKafkaOptionsInput = {},
): EnvironmentOptions {
  const values = readVariables(kafkaVariables, environment, options);
  return {
    brokers: values.KAFKA_BOOTSTRAP_SERVERS,
    ...securityOptions(values, {
      token: options.token,
      certificates: readTlsOptions('KAFKA_SSL', environment, options),
      password: readSecret('KAFKA_SASL_PASSWORD', kafkaVariables, environment, options),
    }),
    ...(values.KAFKA_CLIENT_ID !== undefined && { clientId: values.KAFKA_CLIENT_ID }),
    ...(values.KAFKA_COMPRESSION !== undefined && { compression: values.KAFKA_COMPRESSION }),
    ...(values.KAFKA_PARTITIONER !== undefined && { partitioner: values.KAFKA_PARTITIONER }),
    backend: values.PUSHER_BACKEND,
    commandTopic: values.DEVICE_COMMAND_TOPIC,
    settingsTopic: values.DEVICE_SETTINGS_TOPIC,
    reportedSettingsTopic: values.DEVICE_REPORTED_SETTINGS_TOPIC,
    waitingTopic: values.DEVICE_WAITING_TOPIC,
    deadLetterTopic: values.DEVICE_DEAD_LETTER_TOPIC,
    eventTopic: values.DEVICE_EVENT_TOPIC,
  };
}
