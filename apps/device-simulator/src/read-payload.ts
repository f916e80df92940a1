import type { JsonValue } from '@preservarium/core';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Returns the JSON value of the bytes, or the bytes in hexadecimal if they are no JSON. */
export function readPayload(bytes: Buffer): JsonValue {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return bytes.toString('hex');
  }
}
