import type { JsonObject, JsonValue } from '@preservarium/core';
import type { IPublishPacket } from 'mqtt';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const maxIdCharacters = 256;

/** What a device has written as a JSON object in UTF-8; undefined where it is none. */
export function parseJsonObject(payload: IPublishPacket['payload']): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(typeof payload === 'string' ? payload : utf8.decode(payload));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deeper ones cannot be written as JSON again without end of the stack. */
export function isAtMostNested(value: JsonValue | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isAtMostNested(inner, levels - 1));
}

/** Whether it can be the id of a device or a request. */
export function isId(text: string): boolean {
  return text !== '' && text.length <= maxIdCharacters && text.isWellFormed() && !/\p{Cc}/u.test(text);
}
