import type { JsonValue } from '@preservarium/core';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON as what it says, anything else in hexadecimal. */
export function readPayload(bytes: Buffer): JsonValue {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return bytes.toString('hex');
  }
}
