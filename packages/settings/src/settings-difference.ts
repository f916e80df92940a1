import {
  isJsonObject,
  isSameMember,
  type JsonObject,
  type JsonValue,
  keepNumberTexts,
} from '@preservarium/core';

/**
 * Returns a JSON merge patch from the reported to the desired settings. It compares objects key by key, arrays as a whole, and numbers with all their digits. Keys that only
 * the device reports are left alone, unless null is desired.
 */
export function settingsDifference(desired: JsonObject, reported: JsonObject): JsonObject {
  const differing: [string, JsonValue][] = [];
  for (const [key, wanted] of Object.entries(desired)) {
    const has = Object.hasOwn(reported, key) ? (reported[key] ?? null) : null;
    if (isJsonObject(wanted)) {
      const within = settingsDifference(wanted, isJsonObject(has) ? has : {});
      if (!isJsonObject(has) || Object.keys(within).length > 0) differing.push([key, within]);
    } else if (!(wanted === null ? has === null : isSameMember(desired, reported, key)))
      differing.push([key, wanted]);
  }
  return keepNumberTexts(Object.fromEntries(differing), desired);
}
