import { jsonOfLine, type Line } from '@preservarium/command-line/application';
import { type CommandInput, PusherError, parseCommandDict } from '@preservarium/core';

/** The command of a line, or why it has none; with the text of the line, without a byte order mark. */
export type ParsedLine =
  | { readonly ok: true; readonly command: CommandInput; readonly text: string }
  | { readonly ok: false; readonly error: PusherError; readonly text: string };

/**
 * Parses a command in snake_case, which has a `device_id`, or in camelCase.
 *
 * @param protocols registered besides mqtt, coap and http
 */
export function parseLine(line: Line, protocols: readonly string[]): ParsedLine {
  const read = jsonOfLine(line);
  if (!read.ok) return read;
  const { object, text } = read;
  if (!('device_id' in object)) return { ok: true, command: object as unknown as CommandInput, text };
  try {
    return { ok: true, command: parseCommandDict(object, { protocols }), text };
  } catch (error) {
    if (PusherError.isInstance(error)) return { ok: false, error, text };
    throw error;
  }
}
