import type { ValidationIssue } from '../errors/validation-error.js';
import { maxIssues } from '../limits.js';
import { numberTextOf } from './number-texts.js';
import { formatPath } from './validation-issues.js';

/** From here on JSON has numbers with an exponent, which nobody takes for exact. */
const firstWithExponent = 1e21;
const message = `is an integer beyond ${Number.MAX_SAFE_INTEGER}, which a number may not hold exactly; give it as text, or in a payload as a bigint`;

/** Returns whether JSON writes a number with all digits of an integer, although some of them may be wrong. */
export function isInexactInteger(value: number): boolean {
  return !Number.isSafeInteger(value) && Number.isInteger(value) && Math.abs(value) < firstWithExponent;
}

/**
 * Returns an issue for each integer in a value that a number may not hold exactly, and that has no text of its own. At most 21.
 *
 * @param root the name of the value
 */
export function inexactIntegers(value: unknown, root: string): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  const path: (string | number)[] = [root];
  function look(at: unknown): void {
    if (issues.length > maxIssues) return;
    if (typeof at === 'number' && isInexactInteger(at)) issues.push({ path: formatPath(path), message });
    if (typeof at !== 'object' || at === null) return;
    for (const [key, item] of Object.entries(at)) {
      if (typeof item === 'number' && numberTextOf(at, key) !== undefined) continue;
      path.push(Array.isArray(at) ? Number(key) : key);
      look(item);
      path.pop();
    }
  }
  look(value);
  return issues;
}
