import type { z } from 'zod';
import type { ValidationIssue } from '../errors/validation-error.js';
import { maxIssues } from '../limits.js';
import { cutText } from './cut-text.js';

/**
 * Returns zod's issues as ours: one line each, with the place written as code would reach it. At most 21, one more than an error
 * reports.
 */
export function validationIssues(error: z.ZodError): ValidationIssue[] {
  return error.issues
    .slice(0, maxIssues + 1)
    .map((issue) => ({ path: formatPath(issue.path), message: describe(issue) }));
}

/** Returns a path as code writes it: `['payload', 'list', 2, 'a b']` becomes `payload.list[2]["a b"]`. Names are cut to 64 characters. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = cutText(String(step), 64);
    if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const shown = issue.keys.slice(0, maxIssues).map((key) => `"${cutText(key, 64)}"`);
    const names = [...shown, ...(issue.keys.length > shown.length ? ['and more'] : [])].join(', ');
    return `${issue.keys.length === 1 ? 'the field' : 'the fields'} ${names} ${issue.keys.length === 1 ? 'is' : 'are'} not known`;
  }
  if (issue.code === 'invalid_type' && issue.expected === 'object') return 'must be an object';
  return issue.message;
}
