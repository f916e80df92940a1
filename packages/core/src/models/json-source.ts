import { memberSource } from '../codec/member-source.js';

/**
 * The text that a JSON value was read from. Numbers such as `1724442618569203714` and `21.0`, the order of keys and repeated keys change between
 * text and values, so text goes on to the device as it came. Kept beside the values, which stay plain.
 */
const texts = new WeakMap<object, Uint8Array>();
/** The text of an envelope by the payload in it: the place of the payload is looked for only when it is asked for. */
const envelopes = new WeakMap<object, Uint8Array>();

/** Returns the JSON in UTF-8 that the value was read from, byte for byte; undefined for a value that a program made. */
export function jsonSourceOf(value: object): Uint8Array | undefined {
  const envelope = envelopes.get(value);
  return envelope === undefined ? texts.get(value) : memberSource(envelope, 'payload');
}

/** Returns whether {@link jsonSourceOf} has the text of the value. */
export function hasJsonSource(value: object): boolean {
  return envelopes.has(value) || texts.has(value);
}

/** Notes the JSON in UTF-8 that a value was read from. */
export function keepJsonSource(value: object, text: Uint8Array): void {
  texts.set(value, text);
}

/** Notes the JSON object in UTF-8 whose member `payload` a payload was read from. */
export function keepPayloadSource(payload: object, envelope: Uint8Array): void {
  envelopes.set(payload, envelope);
}

/** Notes that a value has the text of another one: it was made from it without a change that JSON could show. */
export function copyJsonSource(from: object, to: object): void {
  const source = jsonSourceOf(from);
  if (source !== undefined) texts.set(to, source);
}

/**
 * Parses JSON, for a payload or for a command with one: numbers of the payload reach the device as they are written here, of any size and form.
 *
 * ```ts
 * await service.pushCommand({ ...command, payload: parseJson('{"serial":1724442618569203714}') });
 * ```
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return value;
  const bytes = Buffer.from(text);
  keepJsonSource(value, bytes);
  if ('payload' in value && typeof value.payload === 'object' && value.payload !== null) {
    keepPayloadSource(value.payload, bytes);
  }
  return value;
}
