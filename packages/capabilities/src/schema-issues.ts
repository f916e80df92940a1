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
    const path = formatPath([...place, ...pathOfError(error)]);
    return { path, rule: error.schemaPath, message: explainError(error) };
  });
  if (told.length > maxIssues) issues.push(furtherIssues(told.length - maxIssues, place));
  return issues;
}

/** Returns the place of an error in the value that was checked: where a name is wrong or missing, that of its member. @param maxSteps of the value */
export function pathOfError(error: ErrorObject, maxSteps = 1_000_000): readonly (string | number)[] {
  const path = readPointer(error, maxSteps);
  const name = nameOfError(error);
  return name === undefined ? path : [...path, name];
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
  if (branches.length === 0) return errors;
  return errors.filter(({ schemaPath }) => !branches.some((branch) => schemaPath.startsWith(branch)));
}

/** Steps of a JSON Pointer (RFC 6901); an index is a number where the value is in an array. */
function readPointer({ instancePath }: ErrorObject, maxSteps: number): (string | number)[] {
  return instancePath
    .split('/', maxSteps + 1)
    .slice(1)
    .map((step) => (step.includes('~') ? step.replaceAll('~1', '/').replaceAll('~0', '~') : step))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function nameOfError({ keyword, params }: ErrorObject): string | undefined {
  switch (keyword) {
    case 'additionalProperties':
      return String(params.additionalProperty);
    case 'unevaluatedProperties':
      return String(params.unevaluatedProperty);
    case 'required':
      return String(params.missingProperty);
    default:
      return undefined;
  }
}

/** Says what is wrong there. It takes far longer than the path: a schema may be long. */
export function explainError(error: ErrorObject): string {
  const { keyword, schema, parentSchema } = error;
  switch (keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `is not known${suggestNames(nameOfError(error) ?? '', Object.keys(parentSchema?.properties ?? {}))}`;
    case 'required':
      return 'is required';
    case 'enum':
      return `must be one of ${excerpt(schema)}`;
    case 'const':
      return `must be ${excerpt(schema)}`;
    case 'anyOf':
      return `must fit one of ${excerpt(schema)}`;
    case 'oneOf':
      return `must fit one, and only one, of ${excerpt(schema)}`;
    default:
      return error.message ?? `breaks the rule ${keyword}`;
  }
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > maxExcerptCharacters ? `${text.slice(0, maxExcerptCharacters)}…` : text;
}
