import { AuthenticationError, ConfigurationError } from '@preservarium/core';
import { exampleOf, type Variable } from '@preservarium/environment';

interface NamedVariables {
  readonly variables: Readonly<Record<string, Variable>>;
  /** Which of them says what the deliverer's settings call so. */
  readonly variableOf: Readonly<Record<string, string>>;
}

/**
 * An error about a setting of the deliverer, whose name it begins with, as one about the variable: with its name, the file that it names, and its
 * example. Any other error as it is.
 *
 * @param environment where the variables are. Default: that of the process
 */
export function nameVariable(
  error: unknown,
  { variables, variableOf }: NamedVariables,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): unknown {
  if (!ConfigurationError.isInstance(error) && !AuthenticationError.isInstance(error)) return error;
  const [, setting = '', problem] = /^(\w+): (.*?)(?:[;,] for example .*)?$/s.exec(error.message) ?? [];
  const name = variableOf[setting];
  const variable = name === undefined ? undefined : variables[name];
  if (name === undefined || variable === undefined) return error;
  const file = environment[`${name}_FILE`];
  const place = file === undefined ? name : `${name}_FILE, the file ${file}`;
  const message = `${place}: ${problem}; for example ${exampleOf(name, variable)}`;
  const NamedError = AuthenticationError.isInstance(error) ? AuthenticationError : ConfigurationError;
  return new NamedError(message, { cause: error });
}
