import { ValidationError } from '../errors/validation-error.js';
import { maxJsonDepth } from '../limits.js';
import { isJsonObject } from './is-json-object.js';
import { isNestedDeeper } from './is-nested-deeper.js';
import type { JsonObject, JsonValue } from './json-value.js';
import { keepNumberTexts } from './number-texts.js';

/**
 * Returns the document that a JSON merge patch (RFC 7396) makes of `target`, which is not changed. A null in the patch removes the
 * key, an object is merged, and any other value replaces the old one.
 *
 * @throws ValidationError if the patch is nested more than 64 levels deep
 */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  if (isNestedDeeper(patch, maxJsonDepth)) {
    throw new ValidationError('merge patch', [
      { path: '', message: `is nested more than ${maxJsonDepth} levels deep` },
    ]);
  }
  return merge(target, patch);
}

function merge(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else if (isJsonObject(value)) merged.set(key, merge(objectOr(merged.get(key), {}), value));
    else merged.set(key, value);
  }
  // fromEntries, unlike assignment, keeps a key named "__proto__" a plain key.
  return keepNumberTexts(Object.fromEntries(merged), target, patch);
}

function objectOr(value: JsonValue | undefined, otherwise: JsonObject): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : otherwise;
}
