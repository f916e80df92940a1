import type { JsonObject, JsonValue } from './json-value.js';

/**
 * The document that a JSON merge patch (RFC 7396) makes of `target`, which is left as it is. A null in the patch removes the
 * key, an object is merged, all else replaces what is there.
 */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else if (isObject(value)) merged.set(key, applyMergePatch(objectOr(merged.get(key), {}), value));
    else merged.set(key, value);
  }
  // fromEntries, unlike assignment, keeps a key named "__proto__" a plain key.
  return Object.fromEntries(merged);
}

function objectOr(value: JsonValue | undefined, otherwise: JsonObject): JsonObject {
  return value !== undefined && isObject(value) ? value : otherwise;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
