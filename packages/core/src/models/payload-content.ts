import { memberSource } from '../codec/member-source.js';
import { ValidationError } from '../errors/validation-error.js';
import { isJsonObject } from './is-json-object.js';
import { jsonSourceOf, keepJsonSource } from './json-source.js';
import type { JsonObject, JsonValue } from './json-value.js';

/** Keys of a payload that stands for something else than a JSON object. */
const keys = ['$value', '$bytes'] as const;

/** The content that a device is to receive: a JSON value with its text, or bytes. */
export type PayloadContent =
  | { readonly kind: 'json'; readonly value: JsonValue; readonly text: Buffer }
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

/**
 * Returns the payload of a command whose device receives any JSON value, or bytes. On the wire a payload is an object: `{"$value": …}` and
 * `{"$bytes": "<hex>"}` stand for the others, and connectors send what is in them. An object that consists of such a key of its own is put into a `$value`.
 *
 * ```ts
 * await service.pushCommand({ ...command, payload: toPayload('ON') });
 * ```
 *
 * @param value a JSON value, of `parseJson` too, or bytes
 */
export function toPayload(value: JsonValue | Uint8Array): JsonObject {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') };
  if (!isJsonObject(value)) return wrap(value);
  return keyOf(value) === undefined ? value : wrap(value);
}

function wrap(value: JsonValue): JsonObject {
  const payload = { $value: value };
  const source = typeof value === 'object' && value !== null ? jsonSourceOf(value) : undefined;
  if (source !== undefined) keepJsonSource(payload, `{"$value":${bytesOf(source).toString()}}`);
  return payload;
}

/**
 * Returns what a payload stands for.
 *
 * @throws ValidationError where `$bytes` is not hexadecimal
 */
export function payloadContent(payload: JsonObject): PayloadContent {
  const key = keyOf(payload);
  const source = jsonSourceOf(payload);
  if (key === undefined)
    return { kind: 'json', value: payload, text: bytesOf(source ?? JSON.stringify(payload)) };
  const value = payload[key] ?? null;
  if (key === '$value') {
    const text = source && memberSource(source, key);
    return { kind: 'json', value, text: bytesOf(text ?? JSON.stringify(value)) };
  }
  if (typeof value === 'string' && /^([0-9a-f]{2})*$/i.test(value))
    return { kind: 'bytes', bytes: Buffer.from(value, 'hex') };
  const message = 'must be hexadecimal, two digits a byte, for example "0aff"';
  throw new ValidationError('command', [{ path: 'payload.$bytes', message }]);
}

function keyOf(payload: JsonObject): (typeof keys)[number] | undefined {
  const key = keys.find((each) => Object.hasOwn(payload, each));
  return key !== undefined && Object.keys(payload).length === 1 ? key : undefined;
}

function bytesOf(text: Uint8Array | string): Buffer {
  return Buffer.isBuffer(text) ? text : Buffer.from(text);
}
