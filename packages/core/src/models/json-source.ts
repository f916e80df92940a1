import { memberSource, memberText } from '../codec/member-source.js';

/**
 * The JSON that a value was read from. Numbers such as `1724442618569203714` and `21.0`, the order of keys and repeated keys change between
 * text and values, so text goes on to the device as it came.
 */
interface JsonSource {
  /** The JSON in UTF-8; as a string where a program has the value, and may change it. */
  readonly json: string | Uint8Array;
  /** True where the value is the member `payload` of the JSON: its place is looked for only when it is asked for. */
  readonly isEnvelope: boolean;
}

/** A class that extends this adds its private fields to the object that it is given. */
function given(value: object): object {
  return value;
}
const Given = given as unknown as new (value: object) => object;

/**
 * Keeps the source in a private field of the value: others do not see it, and copies of the value are without it. A `WeakMap` takes several
 * times as long, in the garbage collector too.
 */
class Sourced extends Given {
  #source: JsonSource | undefined;

  private constructor(value: object, source: JsonSource | undefined) {
    super(value);
    this.#source = source;
  }

  static of(value: object): JsonSource | undefined {
    return #source in value ? value.#source : undefined;
  }

  static keep(value: object, source: JsonSource | undefined): void {
    if (#source in value) value.#source = source;
    else new Sourced(value, source);
  }
}

/** Returns the JSON in UTF-8 that the value was read from, byte for byte; undefined for a value that a program made or changed. */
export function jsonSourceOf(value: object): Uint8Array | undefined {
  const source = Sourced.of(value);
  return source === undefined ? undefined : bytesOf(value, source);
}

function bytesOf(value: object, source: JsonSource): Uint8Array | undefined {
  const { json, isEnvelope } = source;
  if (typeof json !== 'string') return isEnvelope ? memberSource(json, 'payload') : json;
  const text = readAgain(value, source)?.text;
  return text === undefined ? undefined : Buffer.from(text);
}

/** Notes the JSON that a value was read from. A value that is changed after that has none. */
export function keepJsonSource(value: object, json: string): void {
  Sourced.keep(value, { json, isEnvelope: false });
}

/** Notes the JSON object in UTF-8 whose member `payload` a payload was read from. Do not change the payload after that. */
export function keepPayloadSource(payload: object, envelope: Uint8Array): void {
  Sourced.keep(payload, { json: envelope, isEnvelope: true });
}

/** Notes that a value has the text of another one: it was made from it without a change that JSON could show. */
export function copyJsonSource(from: object, to: object): void {
  const source = Sourced.of(from);
  if (source !== undefined) Sourced.keep(to, source);
}

/**
 * Returns a value for a command: one that has a text is read from it once more and frozen, so that value and text stay the same for as long as
 * there is the command. A value without text, and one that a program changed, is returned as it is, without text.
 */
export function ownJson<Value extends object>(value: Value): Value {
  const source = Sourced.of(value);
  if (typeof source?.json !== 'string') return value;
  const read = readAgain(value, source);
  if (read === undefined) {
    Sourced.keep(value, undefined);
    return value;
  }
  freeze(read.value);
  Sourced.keep(read.value, { json: Buffer.from(read.text), isEnvelope: false });
  return read.value as Value;
}

/**
 * Parses JSON, for a payload or for a command with one: numbers of the payload reach the device as they are written here, of any size and form.
 * A payload that is changed before it is pushed is sent as any other object.
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
  keepJsonSource(value, text);
  if ('payload' in value && typeof value.payload === 'object' && value.payload !== null) {
    Sourced.keep(value.payload, { json: text, isEnvelope: true });
  }
  return value;
}

/** Returns the text of a value that a program has, and the value of the text; undefined where the program changed the value. */
function readAgain(
  value: object,
  { json, isEnvelope }: JsonSource,
): { readonly text: string; readonly value: object } | undefined {
  const text = isEnvelope ? memberText(String(json), 'payload') : String(json);
  if (text === undefined) return undefined;
  const read: object = JSON.parse(text);
  return isSameWritten(value, read, text) ? { text, value: read } : undefined;
}

function isSameWritten(value: object, read: object, text: string): boolean {
  try {
    const written = JSON.stringify(value);
    return written === text || written === JSON.stringify(read);
  } catch {
    // A program has put in a cycle, for example.
    return false;
  }
}

function freeze(value: object): void {
  for (const item of Object.values(value)) if (typeof item === 'object' && item !== null) freeze(item);
  Object.freeze(value);
}
