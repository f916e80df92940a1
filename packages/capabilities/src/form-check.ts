import { ConfigurationError } from '@preservarium/core';
import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { boundAjv, linearCode } from './bound-ajv.js';
import { explainError, pathOfError, schemaIssues, withoutBranches } from './schema-issues.js';

/** Errors of a file that are looked at, of each kind. */
const maxErrors = 10_000;

const options = { ...linearCode, strict: false, allErrors: true, verbose: true } as const;

type Path = readonly (string | number)[];

export interface FormCheckOptions {
  /** Returns whether a mistake at this place is passed over, by the first three steps of its path. Default: none is. */
  readonly isPassedOver?: (path: Path) => boolean;
  /** Called for each mistake that is passed over. */
  readonly warn?: (path: Path, explain: () => string) => void;
}

/**
 * A function that gives content back as what the schema says it is. The schema is compiled at its first use.
 *
 * @returns throws ConfigurationError with each place where the content is not what the schema says
 */
export function createFormCheck<Form>(
  schema: AnySchemaObject,
): (content: unknown, options?: FormCheckOptions) => Form {
  let compiled: ValidateFunction<Form> | undefined;
  return (content, { isPassedOver = () => false, warn } = {}) => {
    compiled ??= compile<Form>(schema);
    if (compiled(content)) return content;
    const passedOver: ErrorObject[] = [];
    const refused: ErrorObject[] = [];
    for (const error of compiled.errors ?? []) {
      if (!isPassedOver(pathOfError(error, 3))) refused.push(error);
      else if (passedOver.length < maxErrors) passedOver.push(error);
      if (refused.length === maxErrors) break;
    }
    for (const error of withoutBranches(passedOver)) warn?.(pathOfError(error), () => explainError(error));
    if (refused.length === 0) return content as Form;
    const issues = schemaIssues(refused, []);
    throw new ConfigurationError(issues.map(({ path, message }) => `${path || 'it'}: ${message}`).join('; '));
  };
}

function compile<Form>(schema: AnySchemaObject): ValidateFunction<Form> {
  const ajv =
    schema.$schema === 'http://json-schema.org/draft-07/schema#' ? new Ajv(options) : new Ajv2020(options);
  return boundAjv(ajv).compile<Form>(schema);
}
