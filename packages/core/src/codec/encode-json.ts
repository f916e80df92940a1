import { ValidationError } from '../errors/validation-error.js';

/** Stands for JSON that is copied. No text before it in the value can be a control character. */
export const sourceMark = '\0';
const markInJson = JSON.stringify(sourceMark);

const slabBytes = 256 * 1024;
let slab = Buffer.alloc(0);
let used = 0;

/**
 * Returns `value` as JSON in UTF-8. Small values are cut from a shared slab: an allocation for each costs a bulk push more than
 * its encoding. A slab is freed when all values cut from it are.
 *
 * @param source JSON in UTF-8 that takes the place of {@link sourceMark} in the value, byte for byte
 * @throws ValidationError if JSON cannot carry the value; it can carry every parsed or decoded one: a cycle, a BigInt, nesting that
 *   overflows the stack
 */
export function encodeJson(value: unknown, source?: Uint8Array): Buffer {
  const json = stringify(value);
  // No UTF-16 unit takes more than three bytes.
  const maxBytes = json.length * 3 + (source?.length ?? 0);
  if (maxBytes > slabBytes / 8) return source === undefined ? Buffer.from(json) : concatenated(json, source);
  if (used + maxBytes > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  const start = used;
  used += slab.write(json, start);
  if (source !== undefined) putSource(source, json, start);
  return slab.subarray(start, used);
}

/** Replaces the mark in the JSON at the end of the slab. To move the bytes behind it is faster than to join three texts and write that. */
function putSource(source: Uint8Array, json: string, start: number): void {
  const before = placeOfMark(json);
  const isAscii = used - start === json.length;
  const at = start + (isAscii ? before : Buffer.byteLength(json.slice(0, before)));
  slab.copyWithin(at + source.length, at + markInJson.length, used);
  slab.set(source, at);
  used += source.length - markInJson.length;
}

function concatenated(json: string, source: Uint8Array): Buffer {
  const at = placeOfMark(json);
  const [before, after] = [json.slice(0, at), json.slice(at + markInJson.length)];
  return Buffer.concat([Buffer.from(before), source, Buffer.from(after)]);
}

/** Almost always at the first backslash: a search for one character takes a tenth of the time of one for several. */
function placeOfMark(json: string): number {
  const at = json.indexOf('\\') - 1;
  return json.startsWith(markInJson, at) ? at : json.indexOf(markInJson);
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const message = `cannot be encoded as JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ValidationError('record', [{ path: '', message }], { cause });
  }
}
