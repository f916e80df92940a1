import { commandOf, usageLine } from '@preservarium/command-line';
import {
  type Environment,
  envFileVariables,
  kafkaVariables,
  type Variable,
  type Variables,
} from '@preservarium/environment';
import { Command } from 'commander';
import type { ConnectorProgram } from './connector-program.js';
import { connectorVariables } from './connector-variables.js';
import { exitCodesHelp } from './exit-codes-help.js';

const {
  KAFKA_BOOTSTRAP_SERVERS,
  PUSHER_BACKEND,
  DEVICE_COMMAND_TOPIC,
  DEVICE_SETTINGS_TOPIC,
  DEVICE_REPORTED_SETTINGS_TOPIC,
  DEVICE_WAITING_TOPIC,
  DEVICE_DEAD_LETTER_TOPIC,
  DEVICE_EVENT_TOPIC,
} = kafkaVariables;

/** Those that are set together with a connector; TLS and credentials are not given on a command line. */
const kafkaFlags = {
  KAFKA_BOOTSTRAP_SERVERS,
  PUSHER_BACKEND: { ...PUSHER_BACKEND, meaning: 'Kafka client to use: kafkajs or rdkafka.' },
  DEVICE_COMMAND_TOPIC,
  DEVICE_SETTINGS_TOPIC,
  DEVICE_REPORTED_SETTINGS_TOPIC,
  DEVICE_WAITING_TOPIC,
  DEVICE_DEAD_LETTER_TOPIC,
  DEVICE_EVENT_TOPIC,
};

const shortFlags: Readonly<Record<string, string>> = {
  KAFKA_BOOTSTRAP_SERVERS: 'brokers',
  PUSHER_BACKEND: 'backend',
  // Node takes --env-file for its own option, even after the script, and ends if there is no such file.
  PUSHER_ENV_FILE: 'env',
};

/**
 * Reads the command line. Each variable has a flag; one whose value may be in a file, such as a password, only the flag that
 * names the file.
 *
 * @returns the variables that it sets
 * @throws CommanderError when it is wrong, or asks for the help, which is then written
 */
export function readCommandLine(
  { name, summary, examples, variables }: Omit<ConnectorProgram<Variables>, 'createDeliverer'>,
  args: readonly string[],
): Environment {
  const command = new Command(commandOf(name))
    .description(summary)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(name, text)) });
  const variableOf = new Map<string, string>();
  for (const [group, table] of Object.entries({
    'Device side': variables,
    Kafka: kafkaFlags,
    Connector: connectorVariables,
    Variables: envFileVariables,
  })) {
    command.optionsGroup(`${group}:`);
    for (const [variableName, variable] of Object.entries<Variable>(table)) {
      const spelling = variable.file ? `${variableName}_FILE` : variableName;
      const option = command.createOption(
        `--${flagOf(spelling)} <${variable.file ? 'path' : 'value'}>`,
        describe(spelling, variable),
      );
      command.addOption(option);
      variableOf.set(option.attributeName(), spelling);
    }
  }
  command.addHelpText(
    'after',
    `
Options come from flags, then the environment, then the file that --env names, then defaults. The variables for TLS and
authentication with Kafka are in docs/configuration.md.

Examples:
${examples.map((example) => `  ${commandOf(name)} ${example}`).join('\n')}
${exitCodesHelp}`,
  );
  command.parse(args, { from: 'user' });
  const given = Object.entries(command.opts<Record<string, string>>());
  return Object.fromEntries(given.map(([attribute, text]) => [variableOf.get(attribute), text]));
}

/** `MQTT_URL` is `--mqtt-url`; what all connectors have goes without the first word: `CONNECTOR_FROM` is `--from`. */
function flagOf(spelling: string): string {
  return (
    shortFlags[spelling] ??
    spelling
      .replace(/^(CONNECTOR|DEVICE)_/, '')
      .toLowerCase()
      .replaceAll('_', '-')
  );
}

function describe(spelling: string, { meaning, otherwise }: Variable): string {
  const facts = otherwise === undefined ? spelling : `${spelling}; default: ${otherwise}`;
  return `${meaning} (${facts})`.replaceAll('`', '');
}
