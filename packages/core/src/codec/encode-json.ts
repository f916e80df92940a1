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
  if (source === undefined) {
    used += slab.write(json, start);
  } else {
    const at = json.indexOf(markInJson);
    used += slab.write(json.slice(0, at), start);
    slab.set(source, used);
    used += source.length;
    used += slab.write(json.slice(at + markInJson.length), used);
  }
  return slab.subarray(start, used);
}

function concatenated(json: string, source: Uint8Array): Buffer {
  const at = json.indexOf(markInJson);
  const [before, after] = [json.slice(0, at), json.slice(at + markInJson.length)];
  return Buffer.concat([Buffer.from(before), source, Buffer.from(after)]);
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const message = `cannot be encoded as JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ValidationError('record', [{ path: '', message }], { cause });
  }
}
