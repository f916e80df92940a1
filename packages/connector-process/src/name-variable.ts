import { ConfigurationError } from '@preservarium/core';
import { exampleOf, type Variable } from '@preservarium/environment';

interface NamedVariables {
  readonly variables: Readonly<Record<string, Variable>>;
  /** Which of them says what the deliverer's settings call so. */
  readonly variableOf: Readonly<Record<string, string>>;
}

/**
 * An error about a setting of the deliverer, whose name it begins with, as one about the variable: with its name and its
 * example. Any other error as it is.
 */
export function nameVariable(error: unknown, { variables, variableOf }: NamedVariables): unknown {
  if (!ConfigurationError.isInstance(error)) return error;
  const [, setting = '', problem] = /^(\w+): (.*?)(?:[;,] for example .*)?$/s.exec(error.message) ?? [];
  const name = variableOf[setting];
  const variable = name === undefined ? undefined : variables[name];
  if (name === undefined || variable === undefined) return error;
  return new ConfigurationError(`${name}: ${problem}; for example ${exampleOf(name, variable)}`, {
    cause: error,
  });
}
