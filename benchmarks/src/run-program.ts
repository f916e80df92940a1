import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BackendUnavailableError } from '@preservarium/core';

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

const execute = promisify(execFile);
const timeoutMs = 600_000;
const maxPrintedBytes = 16 * 1024 * 1024;

/** Runs a program to its end. Rejects with `BACKEND_UNAVAILABLE` where it is missing, fails, or takes ten minutes. */
export async function runProgram(program: string, args: readonly string[]): Promise<Printed> {
  try {
    return await execute(program, args, {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: maxPrintedBytes,
    });
  } catch (cause) {
    throw new BackendUnavailableError(`${program} failed: ${lastLineOf(cause)}`, { cause });
  }
}

/** Programs end with what they died of. */
function lastLineOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.trimEnd().split('\n').at(-1) ?? message;
}
