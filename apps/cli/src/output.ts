import { printable, printableJson } from '@preservarium/command-line';
import { exactNumbers } from '@preservarium/core';

/** Errors of a write to a pipe or socket whose reader has closed it. */
const noReaderCodes: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

let hasReader = true;

/** Returns false once a write has shown that nobody reads stdout any longer, as in `pusher consume | head -1`. */
export function hasStdoutReader(): boolean {
  return hasReader;
}

/**
 * Writes lines of text to stdout, escaped for a terminal except for tabs. Resolves when there is room for more. A missing reader is no error, so
 * that the exit code tells of the work alone; a full disk is one.
 */
export function writeLines(lines: readonly string[]): Promise<void> {
  return write(lines.map((line) => line.split('\t').map(printable).join('\t')));
}

/** Writes a value to stdout as one line of JSON, escaped for a terminal. */
export function writeJson(value: unknown): Promise<void> {
  return writeJsonLines([value]);
}

/** Writes each value to stdout as one line of JSON, escaped for a terminal. */
export function writeJsonLines(values: readonly unknown[]): Promise<void> {
  return write(values.map((value) => printableJson(JSON.stringify(exactNumbers(value)))));
}

/** Writes a line to stderr that says what the program does or has noticed. */
export function writeNote(message: string): void {
  process.stderr.write(`pusher: ${printable(message)}\n`);
}

function write(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    process.stdout.write(`${lines.join('\n')}\n`, (error) => {
      if (!error) return resolve();
      if (!('code' in error) || !noReaderCodes.includes(error.code)) return reject(error);
      hasReader = false;
      resolve();
    });
  });
}
