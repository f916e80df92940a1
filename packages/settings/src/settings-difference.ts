import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '@preservarium/core';

/**
 * A JSON merge patch with what is desired and not reported, key by key within objects; arrays are compared as a whole. What
 * only the device reports is left alone, unless null is desired of it.
 */
export function settingsDifference(desired: JsonObject, reported: JsonObject): JsonObject {
  const differing: [string, JsonValue][] = [];
  for (const [key, wanted] of Object.entries(desired)) {
    const has = Object.hasOwn(reported, key) ? (reported[key] ?? null) : null;
    if (isObject(wanted)) {
      const within = settingsDifference(wanted, isObject(has) ? has : {});
      if (!isObject(has) || Object.keys(within).length > 0) differing.push([key, within]);
    } else if (!isDeepStrictEqual(wanted, has)) differing.push([key, wanted]);
  }
  return Object.fromEntries(differing);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
