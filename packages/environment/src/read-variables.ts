import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from '@preservarium/core';
import { type Environment, findValues } from './find-values.js';
import { parseValues } from './parse-values.js';
import type { Variables, VariableValues } from './variable.js';

export interface ReadVariablesOptions {
  /** Variables that the command line sets; they win over all others. Default: none. */
  readonly flags?: Environment;
  /** File of variables for what the environment does not set; it need not exist. Default `.env` in the working folder. */
  readonly envFile?: string;
  /** Text of a file; throws an error with the code `ENOENT` where there is none. Default: the file system. */
  readonly readFile?: (path: string) => string;
}

/**
 * Reads a table of variables: flags before the environment, before the `.env` file, before defaults.
 *
 * @throws ConfigurationError that names the variable, what is wrong with its value and an example; it has no secrets
 */
export function readVariables<Table extends Variables>(
  variables: Table,
  environment: Environment = process.env,
  options: ReadVariablesOptions = {},
): VariableValues<Table> {
  const { flags = {}, envFile = '.env', readFile = readText } = options;
  const sources = [
    { place: ' (on the command line)', variables: flags },
    { place: '', variables: environment },
    { place: ` (in ${envFile})`, variables: readEnvFile(envFile, readFile) },
  ];
  return parseValues(variables, findValues(variables, sources, readFile));
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
