/** Returns whether a value is valid as it is; the fast check before the schema, which it may only be stricter than. */
export type PlainCheck = (value: unknown) => boolean;

/** Returns a check for ASCII text without control characters. */
export function isAsciiText(maxLength: number): PlainCheck {
  return (value) => typeof value === 'string' && value.length <= maxLength && /^[ -~]+$/.test(value);
}

export function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Topics of ASCII text without wildcards. */
export function isPlainTopic(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 1024 && /^[ -"$-*,-~]+$/.test(value);
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
