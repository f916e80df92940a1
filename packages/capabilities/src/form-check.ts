import { ConfigurationError } from '@preservarium/core';
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { boundAjv, linearCode } from './bound-ajv.js';
import { schemaIssues } from './schema-issues.js';

const options = { ...linearCode, strict: false, allErrors: true, verbose: true } as const;

/**
 * A function that gives content back as what the schema says it is. The schema is compiled at its first use.
 *
 * @returns throws ConfigurationError with each place where the content is not what the schema says
 */
export function createFormCheck<Form>(schema: AnySchemaObject): (content: unknown) => Form {
  let compiled: ValidateFunction<Form> | undefined;
  return (content) => {
    compiled ??= compile<Form>(schema);
    if (compiled(content)) return content;
    const issues = schemaIssues(compiled.errors ?? [], []);
    throw new ConfigurationError(issues.map(({ path, message }) => `${path || 'it'}: ${message}`).join('; '));
  };
}

function compile<Form>(schema: AnySchemaObject): ValidateFunction<Form> {
  const ajv =
    schema.$schema === 'http://json-schema.org/draft-07/schema#' ? new Ajv(options) : new Ajv2020(options);
  return boundAjv(ajv).compile<Form>(schema);
}
