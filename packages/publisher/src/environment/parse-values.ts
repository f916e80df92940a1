import { ConfigurationError } from '@preservarium/core';
import type { FoundValues } from './find-values.js';
import { exampleOf, factsOf, type VariableName, type VariableValues, variables } from './variables.js';

/**
 * Checks each value by the rules of its variable.
 *
 * @throws ConfigurationError that names every wrong one
 */
export function parseValues(found: FoundValues): VariableValues {
  const texts = Object.fromEntries([...found].map(([name, { text }]) => [name, text]));
  const result = variables.safeParse(texts);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const name = path[0] as VariableName;
    const { text = '', foundAs = name } = found.get(name) ?? {};
    return `${foundAs} ${shown(name, text)}: ${message}; for example ${exampleOf(name)}`;
  });
  throw new ConfigurationError(problems.join('. '), { cause: result.error });
}

/** The value, unless it is a secret or a whole certificate. */
function shown(name: VariableName, text: string): string {
  const { secret, file } = factsOf(name);
  return secret || file ? 'has a wrong value' : `is "${text}"`;
}
