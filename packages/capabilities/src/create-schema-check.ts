import type { CapabilityIssue, JsonValue } from '@preservarium/core';
import { createSchemaCompiler } from './compile-schema.js';
import type { JsonSchema } from './device-type.js';
import { schemaIssues } from './schema-issues.js';
import { excessOf } from './value-bounds.js';

/**
 * Returns a function that checks values by a JSON Schema 2020-12, within the bounds of `maxCheckedValues`, and returns the broken rules.
 *
 * @param what the document that has the schema, for messages
 * @param place the place of the schema in it
 * @throws ConfigurationError where the schema is not valid
 */
export function createSchemaCheck(
  schema: JsonSchema,
  { what, place }: { readonly what: string; readonly place: readonly (string | number)[] },
): (value: JsonValue) => readonly CapabilityIssue[] {
  const { errorsOf } = createSchemaCompiler(what)(schema, place);
  return (value) => {
    const excess = excessOf(value);
    if (excess !== undefined) return [{ path: '', rule: '#', message: excess }];
    return schemaIssues(errorsOf(value), []);
  };
}
