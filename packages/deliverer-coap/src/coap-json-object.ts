import { type JsonObject, ValidationError } from '@preservarium/core';

/**
 * What a device has written as JSON.
 *
 * @param what it is, for messages
 * @throws ValidationError when it is not a JSON object in UTF-8
 */
export function parseJsonObject(what: string, body: Buffer): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new ValidationError(what, [{ path: '', message: 'must be JSON in UTF-8' }], { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ValidationError(what, [{ path: '', message: 'must be an object' }]);
  }
  return parsed as JsonObject;
}
