import { AuthenticationError } from '@preservarium/core';
import type { Environment } from './find-values.js';
import { parseValues } from './parse-values.js';
import { findVariables, type ReadVariablesOptions } from './read-variables.js';
import type { Variables } from './variable.js';

/**
 * Reads a variable. If a file has its value, the result is a function that reads the file again: the password may be changed.
 *
 * @returns `undefined` if it is not set
 * @throws ConfigurationError that names the variable, the problem and an example
 */
export function readSecret<Table extends Variables>(
  name: keyof Table & string,
  variables: Table,
  environment: Environment = process.env,
  options: ReadVariablesOptions = {},
): string | (() => string) | undefined {
  const table = { [name]: variables[name] } as Variables;
  const read = () => {
    const found = findVariables(table, environment, options);
    return { text: parseValues(table, found)[name] as string, isInFile: found.get(name)?.isInFile };
  };
  const { text, isInFile } = read();
  return isInFile ? keepLastGood(text, () => read().text) : text;
}

/** Returns a function that reads again. A version that is not valid leaves the last good one in use: it may not be written to its end. */
export function keepLastGood<Value>(first: Value, read: () => Value): () => Value {
  let good = first;
  return () => {
    try {
      good = read();
    } catch (error) {
      // It is valid, but of no use.
      if (AuthenticationError.isInstance(error)) throw error;
    }
    return good;
  };
}
