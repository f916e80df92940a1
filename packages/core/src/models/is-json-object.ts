import type { JsonObject, JsonValue } from './json-value.js';

/** Returns whether a JSON value is an object: neither an array nor null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
