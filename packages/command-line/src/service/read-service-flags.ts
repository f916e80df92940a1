import type { Environment, Variable, Variables } from '@preservarium/environment';
import { Command } from 'commander';
import { commandOf } from '../command-of.js';
import { usageLine } from '../report-error.js';

/** The command line of a service: one flag for each of its variables. */
export interface ServiceCommandLine {
  /** As it is called on the command line, for example `mqtt-connector`. */
  readonly name: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  /** Command lines for `--help`, without the name. */
  readonly examples: readonly string[];
  /** The variables, by the title of their group in `--help`. */
  readonly groups: Readonly<Record<string, Variables>>;
  /** A first word that its variables share and its flags leave out: `CONNECTOR_FROM` is `--from`. */
  readonly prefix: string;
  /** The meaning of the exit codes, for `--help`. */
  readonly exitCodesHelp: string;
}

const shortFlags: Readonly<Record<string, string>> = {
  KAFKA_BOOTSTRAP_SERVERS: 'brokers',
  PUSHER_BACKEND: 'backend',
  PUSHER_SIGNING_KEY: 'signing-key',
  PUSHER_TRUSTED_KEYS: 'trusted-keys',
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
export function readServiceFlags(
  { name, summary, examples, groups, prefix, exitCodesHelp }: ServiceCommandLine,
  args: readonly string[],
): Environment {
  const command = new Command(commandOf(name))
    .description(summary)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(name, text)) });
  const variableOf = new Map<string, string>();
  for (const [group, table] of Object.entries(groups)) {
    command.optionsGroup(`${group}:`);
    for (const [variableName, variable] of Object.entries<Variable>(table)) {
      const isPath = variable.file && (variable.secret || variable.valueExample === undefined);
      const spelling = isPath ? `${variableName}_FILE` : variableName;
      const option = command.createOption(
        `--${flagOf(spelling, prefix)} <${isPath ? 'path' : 'value'}>`,
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

/** `MQTT_URL` is `--mqtt-url`; the prefix of the service and `DEVICE_` are left out. */
function flagOf(spelling: string, prefix: string): string {
  return (
    shortFlags[spelling] ??
    spelling
      .replace(new RegExp(`^(${prefix}|DEVICE)_`), '')
      .toLowerCase()
      .replaceAll('_', '-')
  );
}

function describe(spelling: string, { meaning, otherwise }: Variable): string {
  const facts = otherwise === undefined ? spelling : `${spelling}; default: ${otherwise}`;
  return `${meaning} (${facts})`.replaceAll('`', '');
}
