import {
  type JsonObject,
  type JsonValue,
  parseExactJson,
  parseJson,
  payloadContent,
  toPayload,
} from '@preservarium/core';

/** The value of a record, and its media type. */
export interface HonoContent {
  readonly value: Buffer;
  readonly contentType: string;
}

const json = 'application/json';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Keys of a payload that is not sent as the object that it is. */
const keysOfOther = new Set(['$value', '$bytes', 'raw']);

/** Returns the bytes that the device is to receive. */
export function contentOfPayload(payload: JsonObject): HonoContent {
  const content = payloadContent(payload);
  return content.kind === 'json'
    ? { value: content.text, contentType: json }
    : { value: content.bytes, contentType: 'application/octet-stream' };
}

/** Returns a payload for which the device receives these bytes: as JSON where they are JSON and the media type does not say otherwise. */
export function payloadOfContent(value: Buffer, contentType: string | undefined): JsonObject {
  const text = isMaybeJson(contentType) ? textOf(value) : undefined;
  if (text === undefined) return toPayload(value);
  try {
    const parsed = parseJson(text);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    const isSent = isObject && !isOther(parsed);
    if (isSent) return parsed as JsonObject;
    // The spaces around a value in an object do not belong to it.
    return text === text.trim() ? (parseJson(`{"$value":${text}}`) as JsonObject) : toPayload(value);
  } catch {
    return toPayload(value);
  }
}

function isOther(object: object): boolean {
  const [key, ...others] = Object.keys(object);
  return key !== undefined && others.length === 0 && keysOfOther.has(key);
}

/** Returns the bytes of the answer of a device. */
export function contentOfResult(result: JsonValue, text: string): HonoContent {
  return typeof result === 'string'
    ? { value: Buffer.from(result), contentType: 'text/plain; charset=utf-8' }
    : { value: Buffer.from(text), contentType: json };
}

/** Returns the answer of a device: JSON, else text; bytes that are neither as `{"$bytes": "<hex>"}`. Undefined where there are none. */
export function resultOfContent(
  value: Buffer | null,
  contentType: string | undefined,
): JsonValue | undefined {
  if (value === null || value.length === 0) return undefined;
  const text = textOf(value);
  if (text === undefined) return toPayload(value);
  if (!isMaybeJson(contentType)) return text;
  try {
    return parseExactJson(text) as JsonValue;
  } catch {
    return text;
  }
}

function isMaybeJson(contentType: string | undefined): boolean {
  return contentType === undefined || /^[^;]*[/+]json\s*(;|$)/i.test(contentType);
}

function textOf(value: Buffer): string | undefined {
  try {
    return utf8.decode(value);
  } catch {
    return undefined;
  }
}
