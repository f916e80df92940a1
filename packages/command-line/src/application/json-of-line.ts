import { isUtf8 } from 'node:buffer';
import { type JsonObject, parseJson, ValidationError } from '@preservarium/core';
import type { Line } from './read-lines.js';

/** The object of a line, or why it has none; with the text of the line, without a byte order mark. */
type JsonOfLine =
  | { readonly ok: true; readonly object: JsonObject; readonly text: string }
  | { readonly ok: false; readonly error: ValidationError; readonly text: string };

/** Reads a line of NDJSON; never throws. */
export function jsonOfLine({ bytes, complete }: Line): JsonOfLine {
  // Editors of some systems start a file with a byte order mark.
  const text = bytes.toString().replace(/^\uFEFF/, '');
  if (!complete) return refuse(text, `has more than ${bytes.length} bytes; "input" is its beginning`);
  if (!isUtf8(bytes)) return refuse(text, 'is not UTF-8 text');
  let object: unknown;
  try {
    object = parseJson(text);
  } catch (error) {
    return refuse(text, `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    return refuse(text, 'is JSON, but not an object');
  }
  return { ok: true, object: object as JsonObject, text };
}

function refuse(text: string, problem: string): JsonOfLine {
  return { ok: false, error: new ValidationError('line', [{ path: '', message: problem }]), text };
}
