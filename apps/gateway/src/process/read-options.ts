import { protocolVariables, topicPolicyVariables } from '@preservarium/command-line/application';
import { kafkaFlags, readServiceFlags } from '@preservarium/command-line/service';
import { signingVariables, trustVariables } from '@preservarium/command-line/signing';
import { ConfigurationError } from '@preservarium/core';
import {
  type EnvironmentOptions,
  envFileVariables,
  readKafkaOptions,
  readVariables,
  type VariableValues,
} from '@preservarium/environment';
import { gatewayVariables } from '../gateway-variables.js';
import { exitCodesHelp } from './exit-codes-help.js';

const { PUSHER_TRUSTED_KEYS } = trustVariables;
const keyVariables = { ...signingVariables, PUSHER_TRUSTED_KEYS };
const commandVariables = { ...protocolVariables, ...topicPolicyVariables };

export interface GatewayOptions {
  readonly kafka: EnvironmentOptions;
  readonly gateway: VariableValues<typeof gatewayVariables>;
  readonly signing: VariableValues<typeof keyVariables>;
  readonly commands: VariableValues<typeof commandVariables>;
}

/**
 * Reads the options: flags before the environment, before the file of variables, before defaults.
 *
 * @throws CommanderError, ConfigurationError
 */
export function readOptions(args: readonly string[]): GatewayOptions {
  const flags = readServiceFlags(
    {
      name: 'gateway',
      summary: 'Serves an HTTP API for commands to devices.',
      examples: [
        '--brokers kafka:9092',
        '--host 0.0.0.0 --keys keys.yaml --policy policy.yaml --command-store-url-file /run/secrets/store-url',
      ],
      groups: {
        Gateway: { ...gatewayVariables, ...keyVariables },
        Kafka: kafkaFlags,
        Variables: envFileVariables,
      },
      prefix: 'GATEWAY',
      exitCodesHelp,
    },
    args,
  );
  const kafka = readKafkaOptions(process.env, { flags });
  if (kafka.backend === 'memory') {
    throw new ConfigurationError(
      'PUSHER_BACKEND is "memory", whose commands no other process sees; for example PUSHER_BACKEND=rdkafka',
    );
  }
  return {
    kafka,
    gateway: readVariables(gatewayVariables, process.env, { flags }),
    signing: readVariables(keyVariables, process.env, { flags }),
    commands: readVariables(commandVariables, process.env, { flags }),
  };
}
