import { exactMember, exactNumbers, type JsonValue, parseExactJson } from '@preservarium/core';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Returns the JSON value of the bytes, or the bytes in hexadecimal if they are no JSON. Numbers in it keep their digits for {@link writeJson}; a number alone
 * is text where a number of JavaScript does not hold all its digits.
 */
export function readPayload(bytes: Buffer): JsonValue {
  try {
    const text = utf8.decode(bytes);
    const value = parseExactJson(text);
    return (
      typeof value === 'number' ? exactMember(parseExactJson(`[${text}]`) as object, '0') : value
    ) as JsonValue;
  } catch {
    return bytes.toString('hex');
  }
}

/** Returns a value as JSON, with the digits of the numbers that {@link readPayload} has read. */
export function writeJson(value: unknown): string {
  return JSON.stringify(exactNumbers(value));
}
