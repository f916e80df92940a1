import { signingVariables } from '@preservarium/command-line/signing';
import { ConfigurationError } from '@preservarium/core';
import {
  type Environment,
  type EnvironmentOptions,
  readKafkaOptions,
  readVariables,
  type Variables,
  type VariableValues,
} from '@preservarium/environment';
import { createHonoFormat, type HonoFormat } from '@preservarium/hono';
import { connectorVariables } from './connector-variables.js';

export interface ProcessOptions<Table extends Variables> {
  readonly kafka: EnvironmentOptions;
  /** The form of the commands, where it is another one than the default. */
  readonly format: HonoFormat | undefined;
  readonly connector: VariableValues<typeof connectorVariables>;
  readonly signing: VariableValues<typeof signingVariables>;
  /** Those of the protocol. */
  readonly device: VariableValues<Table>;
}

/**
 * Reads the options: flags before the environment, before the file of variables, before defaults.
 *
 * @throws ConfigurationError that names the variable, what is wrong with its value and an example
 */
export function readOptions<Table extends Variables>(
  variables: Table,
  flags: Environment,
): ProcessOptions<Table> {
  const kafka = readKafkaOptions(process.env, { flags });
  if (kafka.backend === 'memory') {
    throw new ConfigurationError(
      'PUSHER_BACKEND is "memory", whose commands no other process sees; for example PUSHER_BACKEND=rdkafka',
    );
  }
  const connector = readVariables(connectorVariables, process.env, { flags });
  const { CONNECTOR_HONO_TENANT: tenant } = connector;
  const format = tenant === undefined ? undefined : createHonoFormat({ tenant });
  return {
    kafka: format === undefined ? kafka : { ...kafka, commandTopic: format.commandTopic },
    format,
    connector,
    signing: readVariables(signingVariables, process.env, { flags }),
    device: readVariables(variables, process.env, { flags }),
  };
}
