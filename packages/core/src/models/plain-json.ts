import { maxJsonDepth, maxJsonValues } from '../limits.js';

let valuesLeft = 0;

/**
 * Returns whether JSON carries `value` unchanged, without saying why not: the fast check before `toJsonValue`. A value that is too
 * deep or refers to itself is not plain.
 */
export function isPlainJson(value: unknown): boolean {
  valuesLeft = maxJsonValues;
  return isPlain(value, 0);
}

/** Returns whether `value` is an object of which JSON carries everything unchanged. */
export function isPlainJsonObject(value: unknown): boolean {
  return isPlainObject(value) && isPlainJson(value);
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  // A cycle ends here too.
  if (depth === maxJsonDepth) return false;
  if (Array.isArray(value)) {
    valuesLeft -= value.length;
    if (valuesLeft < 0) return false;
    for (const item of value) if (!isPlain(item, depth + 1)) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  for (const key in value) if (--valuesLeft < 0 || !isPlain(value[key], depth + 1)) return false;
  return true;
}
