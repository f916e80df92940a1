import { isJsonObject, type JsonObject, keepNumberTexts } from '@preservarium/core';

/**
 * Returns the JSON merge patch that does what `first` and then `second` do. Returns undefined where there is none: `second` merges into
 * an object that `first` replaces by something else, which no merge patch can say (RFC 7396).
 */
export function composeMergePatches(first: JsonObject, second: JsonObject): JsonObject | undefined {
  const composed = new Map(Object.entries(first));
  for (const [key, value] of Object.entries(second)) {
    const before = composed.get(key);
    if (before === undefined || !isJsonObject(value)) composed.set(key, value);
    else {
      const both = isJsonObject(before) ? composeMergePatches(before, value) : undefined;
      if (both === undefined) return undefined;
      composed.set(key, both);
    }
  }
  return keepNumberTexts(Object.fromEntries(composed), first, second);
}
