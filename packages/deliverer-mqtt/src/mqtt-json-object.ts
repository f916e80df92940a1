import { isJsonObject } from '@preservarium/core';
import { parseDeviceJson } from '@preservarium/deliverer';
import type { IPublishPacket } from 'mqtt';

const maxIdCharacters = 256;

/** Returns what a device has written as a JSON object in UTF-8; undefined where it is none. Its values may be nested to any depth. */
export function parseJsonObject(
  payload: IPublishPacket['payload'],
): Readonly<Record<string, unknown>> | undefined {
  const parsed = parseDeviceJson(payload);
  if (!parsed.ok) return undefined;
  return isJsonObject(parsed.value) ? parsed.value : undefined;
}

/** Returns true if it can be the id of a device or a request. */
export function isId(text: string): boolean {
  return (
    text !== '' &&
    text.length <= maxIdCharacters &&
    text.isWellFormed() &&
    !/[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(text)
  );
}
