import { inspect, styleText } from 'node:util';
import { PusherError } from '@preservarium/core';
import { CommanderError } from 'commander';
import { exitCodeOf } from './exit-codes.js';

/**
 * Says on stderr, in one line, what ended a program.
 *
 * @param name of the program
 * @param options.verbose then the error follows with its cause and stack; default false
 * @returns the exit code for it
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
    if (verbose) process.stderr.write(`${inspect(error)}\n`);
  }
  return exitCodeOf(error);
}

/** The one line, in colour where stderr is a terminal. */
export function errorLine(name: string, code: string, message: string): string {
  const prefix = styleText('red', `${name}: ${code}:`, { stream: process.stderr });
  return `${prefix} ${message.trim().replace(/\s*\n\s*/g, ' ')}\n`;
}

/** What commander says of wrong arguments, as such a line. */
export function usageLine(name: string, text: string): string {
  return errorLine(name, 'USAGE', `${text.replace(/^error: /, '')} (see --help)`);
}
