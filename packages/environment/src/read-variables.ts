import { readEnvFile } from './env-file.js';
import { type Environment, type FoundValues, findValues } from './find-values.js';
import { parseValues } from './parse-values.js';
import { readTextFile } from './read-text-file.js';
import type { Variables, VariableValues } from './variable.js';

/** Largest file that holds a value, or variables; in bytes. */
const maxVariableFileBytes = 1024 * 1024;

export interface ReadVariablesOptions {
  /** Variables that the command line sets; they win over all others. Default: none. */
  readonly flags?: Environment;
  /**
   * File of variables for what the environment does not set. Default: the file that `PUSHER_ENV_FILE` names in the flags or the
   * environment, otherwise none.
   */
  readonly envFile?: string;
  /** Returns the text of a file, or throws. Default: the file system. */
  readonly readFile?: (path: string) => string;
}

/**
 * Reads a table of variables: flags before the environment, before the file of variables, before defaults.
 *
 * @throws ConfigurationError that names the variable, the problem with its value and an example; it has no secrets
 */
export function readVariables<Table extends Variables>(
  variables: Table,
  environment: Environment = process.env,
  options: ReadVariablesOptions = {},
): VariableValues<Table> {
  return parseValues(variables, findVariables(variables, environment, options));
}

/**
 * Finds the texts of a table of variables.
 *
 * @throws as `readVariables`
 */
export function findVariables(
  variables: Variables,
  environment: Environment,
  options: ReadVariablesOptions,
): FoundValues {
  const { flags = {}, readFile = readText } = options;
  const envFile = options.envFile ?? (flags.PUSHER_ENV_FILE || environment.PUSHER_ENV_FILE);
  const sources = [
    { place: ' (on the command line)', variables: flags },
    { place: '', variables: environment },
    ...(envFile
      ? [
          {
            place: ` (in ${envFile})`,
            variables: readEnvFile(envFile, readFile),
            refusesFiles: true,
          } as const,
        ]
      : []),
  ];
  return findValues(variables, sources, readFile);
}

function readText(path: string): string {
  return readTextFile(path, maxVariableFileBytes);
}
