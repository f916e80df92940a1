import { isUtf8 } from 'node:buffer';
import { isJsonObject, type JsonObject, keepPayloadSource, ValidationError } from '@preservarium/core';
import type { Line } from './read-lines.js';

/** The object of a line, or why it has none; with the text of the line, without a byte order mark. */
type JsonOfLine =
  | { readonly ok: true; readonly object: JsonObject; readonly text: string }
  | { readonly ok: false; readonly error: ValidationError; readonly text: string };

const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Reads a line of NDJSON; never throws. */
export function jsonOfLine({ bytes, complete }: Line): JsonOfLine {
  // Editors of some systems start a file with a byte order mark.
  const json = hasByteOrderMark(bytes) ? bytes.subarray(byteOrderMark.length) : bytes;
  const text = json.toString();
  if (!complete) return refuse(text, `has more than ${bytes.length} bytes; "input" is its beginning`);
  if (!isUtf8(bytes)) return refuse(text, 'is not UTF-8 text');
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch (error) {
    return refuse(text, `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isJsonObject(object)) return refuse(text, 'is JSON, but not an object');
  const { payload } = object;
  // Its numbers reach the device as they are written here.
  if (typeof payload === 'object' && payload !== null) keepPayloadSource(payload, json);
  return { ok: true, object: object as JsonObject, text };
}

function hasByteOrderMark(bytes: Buffer): boolean {
  return byteOrderMark.every((byte, position) => bytes[position] === byte);
}

function refuse(text: string, problem: string): JsonOfLine {
  return { ok: false, error: new ValidationError('line', [{ path: '', message: problem }]), text };
}
