import { PusherError } from '@preservarium/core';
import { CommanderError } from 'commander';
import { exitCodeOf } from './exit-codes.js';

/** Says on stderr, in one line, what ended the process. Returns the exit code for it. */
export function reportError(name: string, error: unknown): number {
  // Commander has written its own line, or the help.
  if (!(error instanceof CommanderError)) {
    const code = PusherError.isInstance(error) ? error.code : 'UNEXPECTED';
    process.stderr.write(errorLine(name, code, error instanceof Error ? error.message : String(error)));
  }
  return exitCodeOf(error);
}

export function errorLine(name: string, code: string, message: string): string {
  return `${name}: ${code}: ${message.trim().replace(/\s*\n\s*/g, ' ')}\n`;
}
