import type { z } from 'zod';
import type { ValidationIssue } from '../errors/validation-error.js';

/** zod's issues as ours: one line each, with the place written as code would reach it. */
export function validationIssues(error: z.ZodError): ValidationIssue[] {
  return error.issues.map((issue) => ({ path: formatPath(issue.path), message: describe(issue) }));
}

/** `['payload', 'list', 2, 'a b']` as `payload.list[2]["a b"]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(String(step))) return `${text}[${JSON.stringify(String(step))}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => `"${key}"`).join(', ');
    return `${issue.keys.length === 1 ? 'the field' : 'the fields'} ${names} ${issue.keys.length === 1 ? 'is' : 'are'} not known`;
  }
  if (issue.code === 'invalid_type' && issue.expected === 'object') return 'must be an object';
  return issue.message;
}
