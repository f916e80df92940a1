import { kafkaFlags, readServiceFlags } from '@preservarium/command-line/service';
import { signingVariables } from '@preservarium/command-line/signing';
import { type Environment, envFileVariables, type Variables } from '@preservarium/environment';
import type { ConnectorProgram } from './connector-program.js';
import { connectorVariables } from './connector-variables.js';
import { exitCodesHelp } from './exit-codes-help.js';

/**
 * Reads the command line of a connector.
 *
 * @returns the variables that it sets
 * @throws CommanderError when it is wrong, or asks for the help, which is then written
 */
export function readCommandLine(
  { name, summary, examples, variables }: Omit<ConnectorProgram<Variables>, 'createDeliverer'>,
  args: readonly string[],
): Environment {
  const groups = {
    'Device side': variables,
    Kafka: kafkaFlags,
    Connector: { ...connectorVariables, ...signingVariables },
    Variables: envFileVariables,
  };
  return readServiceFlags({ name, summary, examples, groups, prefix: 'CONNECTOR', exitCodesHelp }, args);
}
