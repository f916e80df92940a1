import { isJsonObject, ValidationError } from '@preservarium/core';
import { parseDeviceJson } from '@preservarium/deliverer';

/**
 * Returns what a device has written as a JSON object. Its values may be nested to any depth.
 *
 * @param what it is, for messages
 * @throws ValidationError when it is not a JSON object in UTF-8
 */
export function parseJsonObject(what: string, body: Buffer): Readonly<Record<string, unknown>> {
  const parsed = parseDeviceJson(body);
  if (!parsed.ok) throw new ValidationError(what, [{ path: '', message: 'must be JSON in UTF-8' }]);
  if (isJsonObject(parsed.value)) return parsed.value;
  throw new ValidationError(what, [{ path: '', message: 'must be an object' }]);
}
