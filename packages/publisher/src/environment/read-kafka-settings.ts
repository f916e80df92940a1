import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from '@preservarium/core';
import type { KafkaSettings, OauthBearerToken } from '../kafka-settings.js';
import { type Environment, findValues } from './find-values.js';
import { parseValues } from './parse-values.js';
import { securitySettings } from './security-settings.js';

export interface ReadKafkaSettingsOptions {
  /** Variables that the command line sets; they win over all others. Default: none. */
  readonly flags?: Environment;
  /** File of variables for what the environment does not set; it need not exist. Default `.env` in the working folder. */
  readonly envFile?: string;
  /** Gets a token where `KAFKA_SASL_MECHANISM` is `OAUTHBEARER`. */
  readonly token?: () => Promise<OauthBearerToken>;
  /** Text of a file; throws an error with the code `ENOENT` where there is none. Default: the file system. */
  readonly readFile?: (path: string) => string;
}

/** What the environment says: the settings of a Kafka backend, and what to do with it. */
export interface EnvironmentSettings extends KafkaSettings {
  /** Which backend to create with these settings. */
  readonly backend: 'kafkajs' | 'rdkafka' | 'memory';
  readonly commandTopic: string;
  readonly settingsTopic: string;
  readonly waitingTopic: string;
  readonly deadLetterTopic: string;
}

/**
 * Reads the variables of `docs/configuration.md`: flags before the environment, before the `.env` file, before defaults.
 *
 * ```ts
 * const settings = readKafkaSettings();
 * const service = createPusherService({
 *   backend: createKafkajsBackend(settings),
 *   commandTopic: settings.commandTopic,
 *   settingsTopic: settings.settingsTopic,
 *   waitingTopic: settings.waitingTopic,
 * });
 * ```
 *
 * @throws ConfigurationError that names the variable, what is wrong with its value and an example; it has no secrets
 */
export function readKafkaSettings(
  environment: Environment = process.env,
  options: ReadKafkaSettingsOptions = {},
): EnvironmentSettings {
  const { flags = {}, envFile = '.env', token, readFile = readText } = options;
  const sources = [
    { place: ' (on the command line)', variables: flags },
    { place: '', variables: environment },
    { place: ` (in ${envFile})`, variables: readEnvFile(envFile, readFile) },
  ];
  const values = parseValues(findValues(sources, readFile));
  return {
    brokers: values.KAFKA_BOOTSTRAP_SERVERS,
    ...securitySettings(values, token),
    ...(values.KAFKA_CLIENT_ID !== undefined && { clientId: values.KAFKA_CLIENT_ID }),
    ...(values.KAFKA_COMPRESSION !== undefined && { compression: values.KAFKA_COMPRESSION }),
    ...(values.KAFKA_PARTITIONER !== undefined && { partitioner: values.KAFKA_PARTITIONER }),
    backend: values.PUSHER_BACKEND,
    commandTopic: values.DEVICE_COMMAND_TOPIC,
    settingsTopic: values.DEVICE_SETTINGS_TOPIC,
    waitingTopic: values.DEVICE_WAITING_TOPIC,
    deadLetterTopic: values.DEVICE_DEAD_LETTER_TOPIC,
  };
}

function readEnvFile(path: string, readFile: (path: string) => string): Environment {
  try {
    return parseEnv(readFile(path));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`${path} cannot be read: ${reason}; make it readable or remove it`, {
      cause,
    });
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
