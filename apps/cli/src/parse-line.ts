import { isUtf8 } from 'node:buffer';
import {
  type CommandInput,
  PusherError,
  parseCommandDict,
  parseJson,
  ValidationError,
} from '@preservarium/core';
import type { Line } from './read-lines.js';

/** The command of a line, or why it has none; with the text of the line, without a byte order mark. */
export type ParsedLine =
  | { readonly ok: true; readonly command: CommandInput; readonly text: string }
  | { readonly ok: false; readonly error: PusherError; readonly text: string };

/**
 * Parses a command in snake_case, which has a `device_id`, or in camelCase.
 *
 * @param protocols registered besides mqtt, coap and http
 */
export function parseLine({ bytes, complete }: Line, protocols: readonly string[]): ParsedLine {
  // Editors of some systems start a file with a byte order mark.
  const text = bytes.toString().replace(/^\uFEFF/, '');
  if (!complete) return refuse(text, `has more than ${bytes.length} bytes; "input" is its beginning`);
  if (!isUtf8(bytes)) return refuse(text, 'is not UTF-8 text');
  let input: unknown;
  try {
    input = parseJson(text);
  } catch (error) {
    return refuse(text, `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse(text, 'is JSON, but not an object');
  }
  if (!('device_id' in input)) return { ok: true, command: input as CommandInput, text };
  try {
    return {
      ok: true,
      command: parseCommandDict(input as Readonly<Record<string, unknown>>, { protocols }),
      text,
    };
  } catch (error) {
    if (PusherError.isInstance(error)) return { ok: false, error, text };
    throw error;
  }
}

function refuse(text: string, problem: string): ParsedLine {
  return { ok: false, error: new ValidationError('line', [{ path: '', message: problem }]), text };
}
