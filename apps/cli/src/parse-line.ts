import { isUtf8 } from 'node:buffer';
import { type CommandInput, PusherError, parseCommandDict, ValidationError } from '@preservarium/core';
import type { Line } from './read-lines.js';

/** A command, with what stood in the line; or why there is none. */
export type ParsedLine =
  | { readonly ok: true; readonly command: CommandInput; readonly input: unknown }
  | { readonly ok: false; readonly error: PusherError; readonly input: unknown };

/** Reads a command in snake_case, which has a `device_id`, or in camelCase. */
export function parseLine({ bytes, complete }: Line): ParsedLine {
  const text = bytes.toString();
  if (!complete) return refuse(text, `has more than ${bytes.length} bytes; "input" is where it starts`);
  if (!isUtf8(bytes)) return refuse(text, 'is not UTF-8 text');
  let input: unknown;
  try {
    // Editors of some systems start a file with a byte order mark.
    input = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return refuse(text, `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse(input, 'is JSON, but not an object');
  }
  if (!('device_id' in input)) return { ok: true, command: input as CommandInput, input };
  try {
    return { ok: true, command: parseCommandDict(input as Readonly<Record<string, unknown>>), input };
  } catch (error) {
    if (PusherError.isInstance(error)) return { ok: false, error, input };
    throw error;
  }
}

function refuse(input: unknown, problem: string): ParsedLine {
  return { ok: false, error: new ValidationError('line', [{ path: '', message: problem }]), input };
}
