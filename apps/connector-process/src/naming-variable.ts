import { ConfigurationError } from '@preservarium/core';
import { exampleOf, type Variable } from '@preservarium/publisher/environment';

/** The variables, and which of them says what the deliverer calls so. */
export interface NamedVariables {
  readonly variables: Readonly<Record<string, Variable>>;
  readonly variableOf: Readonly<Record<string, string>>;
}

/**
 * Calls `create`. Where that refuses a setting, whose name its error begins with, the error names the variable and has an
 * example of that.
 */
export function namingVariable<Created>(
  { variables, variableOf }: NamedVariables,
  create: () => Created,
): Created {
  try {
    return create();
  } catch (error) {
    if (!ConfigurationError.isInstance(error)) throw error;
    const [, setting = '', problem = ''] =
      /^(\w+): (.*?)(?:; for example [^;]*)?$/s.exec(error.message) ?? [];
    const name = variableOf[setting];
    const variable = name === undefined ? undefined : variables[name];
    if (name === undefined || variable === undefined) throw error;
    throw new ConfigurationError(`${name}: ${problem}; for example ${exampleOf(name, variable)}`, {
      cause: error,
    });
  }
}
