import { type CapabilityIssue, formatPath } from '@preservarium/core';
import type { ErrorObject } from 'ajv';
import { suggestNames } from './did-you-mean.js';

/** Issues that an error has; of others it has the number. */
export const maxIssues = 10;
const maxExcerptCharacters = 200;

/**
 * Returns the errors of ajv (`allErrors`, `verbose`) as issues of this project.
 *
 * @param place path of the value that was checked, for example `['payload']`
 */
export function schemaIssues(
  errors: readonly ErrorObject[],
  place: readonly (string | number)[],
): CapabilityIssue[] {
  const told = withoutBranches(errors);
  const issues = told.slice(0, maxIssues).map((error): CapabilityIssue => {
    const { path, message } = readIssue(error);
    return { path: formatPath([...place, ...path]), rule: error.schemaPath, message };
  });
  if (told.length > maxIssues) issues.push(furtherIssues(told.length - maxIssues, place));
  return issues;
}

/** Returns the place of an error in the value that was checked, and what is wrong there. */
export function readIssue(error: ErrorObject): {
  readonly path: readonly (string | number)[];
  readonly message: string;
} {
  const { step, message } = explain(error);
  return { path: [...readPointer(error), ...(step === undefined ? [] : [step])], message };
}

/** Says that there are further issues. */
export function furtherIssues(count: number, place: readonly (string | number)[]): CapabilityIssue {
  return { path: formatPath(place), rule: '#', message: `and ${count} more` };
}

/** Why each alternative of an `anyOf` did not fit says little; that none did, says it. */
export function withoutBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  // Each element of an array may fail the same choice: there are far fewer places in the schema than errors.
  const branches = [...new Set(choices.map(({ schemaPath }) => `${schemaPath}/`))];
  return errors.filter(({ schemaPath }) => !branches.some((branch) => schemaPath.startsWith(branch)));
}

/** Steps of a JSON Pointer (RFC 6901); an index is a number where the value is in an array. */
function readPointer({ instancePath }: ErrorObject): (string | number)[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function explain(error: ErrorObject): { readonly step?: string; readonly message: string } {
  const { keyword, params, schema, parentSchema } = error;
  switch (keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params.additionalProperty ?? params.unevaluatedProperty);
      return {
        step: name,
        message: `is not known${suggestNames(name, Object.keys(parentSchema?.properties ?? {}))}`,
      };
    }
    case 'required':
      return { step: String(params.missingProperty), message: 'is required' };
    case 'enum':
      return { message: `must be one of ${excerpt(schema)}` };
    case 'const':
      return { message: `must be ${excerpt(schema)}` };
    case 'anyOf':
      return { message: `must fit one of ${excerpt(schema)}` };
    case 'oneOf':
      return { message: `must fit one, and only one, of ${excerpt(schema)}` };
    default:
      return { message: error.message ?? `breaks the rule ${keyword}` };
  }
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > maxExcerptCharacters ? `${text.slice(0, maxExcerptCharacters)}…` : text;
}
