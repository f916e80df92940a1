import { maxJsonDepth, maxJsonValues } from '../limits.js';
import { isInexactInteger } from './inexact-integers.js';

/** Returns whether a value is valid as it is; the fast check before the schema, which it may only be stricter than. */
export type PlainCheck = (value: unknown) => boolean;

/** Returns a check for ASCII text without control characters. */
export function isAsciiText(maxLength: number): PlainCheck {
  return (value) => typeof value === 'string' && value.length <= maxLength && /^[ -~]+$/.test(value);
}

export function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Short topics of ASCII text without wildcards. */
export function isPlainTopic(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 127 && /^[ -"$-*,-~]+$/.test(value);
}

/** Paths without dots, percent signs and query. */
export function isPlainPath(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 255 && /^[\w/-]+$/.test(value);
}

/** Returns a check for one of a few values. */
export function isOneOf(values: readonly unknown[]): PlainCheck {
  const allowed = new Set(values);
  return (value) => allowed.has(value);
}

let valuesLeft = 0;
let hasInexactInteger = false;

/**
 * Returns whether JSON carries `value` unchanged, without saying why not: the fast check before `toJsonValue`. A value that is too
 * deep or refers to itself is not plain.
 */
export function isPlainJson(value: unknown): boolean {
  valuesLeft = maxJsonValues;
  return isPlainValue(value, 0);
}

/** Returns whether `value` is an object of which JSON carries everything unchanged, and each integer is exact. */
export function isPlainJsonObject(value: unknown): boolean {
  hasInexactInteger = false;
  return isPlainObject(value) && isPlainJson(value) && !hasInexactInteger;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isPlainValue(value: unknown, depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') {
    hasInexactInteger ||= isInexactInteger(value);
    return Number.isFinite(value) && !Object.is(value, -0);
  }
  // A cycle ends here too.
  if (depth === maxJsonDepth) return false;
  if (Array.isArray(value)) {
    valuesLeft -= value.length;
    if (valuesLeft < 0) return false;
    for (const item of value) if (!isPlainValue(item, depth + 1)) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  for (const key in value) if (--valuesLeft < 0 || !isPlainValue(value[key], depth + 1)) return false;
  return true;
}
