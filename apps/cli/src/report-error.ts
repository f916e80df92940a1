import { inspect, styleText } from 'node:util';
import { PusherError } from '@preservarium/core';
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-codes.js';

/** Says on stderr what went wrong, in one line. Returns the exit code for it. */
export function reportError(error: unknown, { verbose }: { readonly verbose: boolean }): number {
  // Commander has written its own line, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  // Nobody reads stdout any longer, as in `pusher consume | head`: that is an end, not a failure.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return exitCodes.ok;
  const known = PusherError.isInstance(error);
  const message = error instanceof Error ? error.message : String(error);
  writeError(known ? error.code : 'UNEXPECTED', message);
  if (verbose) process.stderr.write(`${inspect(error)}\n`);
  return known ? exitCodeOf(error.code) : exitCodes.failed;
}

export function writeError(code: string, message: string): void {
  process.stderr.write(errorLine(code, message));
}

/** The one line, in colour where stderr is a terminal. */
export function errorLine(code: string, message: string): string {
  const prefix = styleText('red', `pusher: ${code}:`, { stream: process.stderr });
  return `${prefix} ${message.trim().replace(/\s*\n\s*/g, ' ')}\n`;
}
