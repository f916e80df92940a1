import { inspect, styleText } from 'node:util';
import { PusherError } from '@preservarium/core';
import { CommanderError } from 'commander';
import { exitCodeOf } from './exit-codes.js';
import { printable } from './printable.js';

/**
 * Writes the error that ended a program to stderr, as one line.
 *
 * @param name of the program
 * @param options.verbose also writes the error with its cause and stack; default false
 * @returns the exit code of the program
 */
export function reportError(
  name: string,
  error: unknown,
  { verbose = false }: { readonly verbose?: boolean } = {},
): number {
  // Commander has written its own line, or the help.
  if (!(error instanceof CommanderError)) {
    const code = PusherError.isInstance(error) ? error.code : 'UNEXPECTED';
    process.stderr.write(errorLine(name, code, error instanceof Error ? error.message : String(error)));
    if (verbose) process.stderr.write(`${inspect(error).split('\n').map(printable).join('\n')}\n`);
  }
  return exitCodeOf(error);
}

/** Returns `name: CODE: message` as one line, escaped for a terminal; in colour if stderr is one. */
export function errorLine(name: string, code: string, message: string): string {
  const prefix = styleText('red', `${name}: ${code}:`, { stream: process.stderr });
  return `${prefix} ${printable(message.trim().replace(/\s*\n\s*/g, ' '))}\n`;
}

/** Returns what commander says about wrong arguments as an error line. */
export function usageLine(name: string, text: string): string {
  return errorLine(name, 'USAGE', `${text.replace(/^error: /, '')} (see --help)`);
}
