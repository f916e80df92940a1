import { maxResultBytes } from '../limits.js';
import { describeIssues } from '../models/describe-issues.js';
import { type JsonIssue, type JsonValue, toJsonValue } from '../models/json-value.js';
import { exactNumbers } from '../models/number-texts.js';
import { isPlainJson } from '../models/plain-checks.js';
import { formatPath } from '../models/validation-issues.js';

/** The result of {@link fitJson}: the value to keep, or the problem that prevents it. */
export type FittedJson =
  | { readonly fits: true; readonly value: JsonValue }
  | { readonly fits: false; readonly problem: string };

/**
 * Decides whether a value from outside, such as a device's answer, may become the `result` of a lifecycle event. It has to be JSON of
 * at most 64 levels, and of at most `maxBytes` bytes once it is encoded again: `1e20` that a program made takes 21 bytes.
 * Never throws, whatever the value is.
 *
 * ```ts
 * const fitted = fitJson(JSON.parse(answer));
 * return fitted.fits ? { kind: 'delivered', result: fitted.value } : { kind: 'delivered', reason: `the result was left out: ${fitted.problem}` };
 * ```
 *
 * @param options.maxBytes bytes of the value as JSON in UTF-8. Default: 900,000
 */
export function fitJson(value: unknown, options: { readonly maxBytes?: number } = {}): FittedJson {
  const { maxBytes = maxResultBytes } = options;
  try {
    const converted = toFiniteJson(value);
    if (typeof converted === 'string') return { fits: false, problem: converted };
    const sizeBytes = Buffer.byteLength(JSON.stringify(exactNumbers(converted.value)));
    if (sizeBytes <= maxBytes) return { fits: true, value: converted.value };
    return { fits: false, problem: `it takes ${sizeBytes} bytes as JSON, the limit is ${maxBytes}` };
  } catch {
    return { fits: false, problem: 'it could not be read: a getter or a proxy in it throws' };
  }
}

function toFiniteJson(value: unknown): { readonly value: JsonValue } | string {
  if (isPlainJson(value)) return { value: value as JsonValue };
  const issues: JsonIssue[] = [];
  const converted = toJsonValue(value, (issue) => issues.push(issue));
  if (issues.length === 0) return { value: converted };
  const { path, message } = issues[0] as JsonIssue;
  return describeIssues([{ path: formatPath(path), message }]);
}
