import { ConfigurationError } from '@preservarium/core';
import type { FoundValues } from './find-values.js';
import { exampleOf, type Variable, type Variables, type VariableValues } from './variable.js';

/**
 * Checks each value by the rule of its variable.
 *
 * @throws ConfigurationError that names every wrong one
 */
export function parseValues<Table extends Variables>(
  variables: Table,
  found: FoundValues,
): VariableValues<Table> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const { text, foundAs } = found.get(name) ?? {};
    const result = variable.rule.safeParse(text);
    if (result.success) {
      values[name] = result.data;
    } else if (text === undefined) {
      problems.push(`${name} is not set, and must be; for example ${exampleOf(name, variable)}`);
    } else {
      const messages = result.error.issues.map(({ message }) => message).join(', ');
      const problem = withoutCredentials(`${shown(variable, text)}: ${messages}`);
      problems.push(`${foundAs} ${problem}; for example ${exampleOf(name, variable)}`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems.join('. '));
  // Each value is what the rule of its name made.
  return values as VariableValues<Table>;
}

/** Leaves out `user:password@`, which somebody may have put into an address. */
function withoutCredentials(text: string): string {
  return text.replace(/([\w+.-]+:\/\/)?[^\s",:]*(:[^\s",]*)?@/g, '$1***@');
}

/** The value, unless it is a secret or a whole certificate. */
function shown({ secret }: Variable, text: string): string {
  return secret || /[\r\n]/.test(text) ? 'has a wrong value' : `is "${text}"`;
}
