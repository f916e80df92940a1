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
      // A rule may quote a part of the value, which may be a part of a password.
      const safe = withoutCredentials(text);
      const messages = variable.rule.safeParse(safe).error?.issues.map(({ message }) => message);
      const problem = `${shown(variable, safe)}: ${messages?.join(', ') ?? 'must have no credentials'}`;
      problems.push(`${foundAs} ${problem}; for example ${exampleOf(name, variable)}`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems.join('. '));
  // Each value is what the rule of its name made.
  return values as VariableValues<Table>;
}

/** Leaves out `user:password@`, which somebody may have put into an address: all behind the first scheme and before the last `@`. */
function withoutCredentials(text: string): string {
  return text.replace(/^([^@]*?:\/\/)?.*@/s, '$1***@');
}

/** The value, unless it is a secret or a whole certificate. */
function shown({ secret }: Variable, text: string): string {
  return secret || /[\r\n]/.test(text) ? 'has a wrong value' : `is "${text}"`;
}
