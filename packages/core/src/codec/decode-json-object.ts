import { maxRecordBytes } from '../limits.js';
import { cutText } from '../models/cut-text.js';
import { isJsonObject } from '../models/is-json-object.js';

/** The class of the failure to decode a value from Kafka. */
export type DecodeFailureReason =
  | 'empty'
  | 'too-large'
  | 'invalid-utf8'
  | 'invalid-json'
  | 'not-an-object'
  | 'invalid-fields';

export interface DecodeFailure {
  readonly ok: false;
  readonly reason: DecodeFailureReason;
  /** The problems and their places, in at most 1,000 characters. */
  readonly message: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a JSON object from at most 16 MiB of bytes; never throws. It may be nested to any depth: `JSON.parse` does not recurse, but the
 * caller must not either.
 *
 * @param parse `parseExactJson` keeps the texts of numbers
 */
export function decodeJsonObject(
  bytes: Uint8Array | null,
  parse: (text: string) => unknown = JSON.parse,
): { readonly ok: true; readonly object: Readonly<Record<string, unknown>> } | DecodeFailure {
  if (bytes === null || bytes.length === 0) return fail('empty', 'the record has no value');
  if (bytes.length > maxRecordBytes)
    return fail('too-large', `the value has ${bytes.length} bytes, the limit is ${maxRecordBytes}`);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return fail('invalid-utf8', 'the value is not UTF-8 text');
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return fail(
      'invalid-json',
      `the value is not JSON: ${cutText(error instanceof Error ? error.message : String(error), 256)}`,
    );
  }
  if (!isJsonObject(value)) {
    return fail(
      'not-an-object',
      `the value is JSON, but ${Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`}, not an object`,
    );
  }
  return { ok: true, object: value };
}

function fail(reason: DecodeFailureReason, message: string): DecodeFailure {
  return { ok: false, reason, message };
}
