import { type ExecFileException, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BackendUnavailableError } from '@preservarium/core';

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

const execute = promisify(execFile);
const timeoutMs = 600_000;
const maxPrintedBytes = 16 * 1024 * 1024;
const maxPrintedLines = 10;

/** Runs a program to its end. Rejects with `BACKEND_UNAVAILABLE` where it is missing, fails, or takes ten minutes. */
export async function runProgram(program: string, args: readonly string[]): Promise<Printed> {
  try {
    return await execute(program, args, {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: maxPrintedBytes,
    });
  } catch (cause) {
    throw new BackendUnavailableError(`${program} failed: ${describeFailure(cause)}`, { cause });
  }
}

/** Returns the exit code or signal, and the last lines of both outputs: some programs write errors to stdout. */
function describeFailure(cause: unknown): string {
  const { code, signal, stdout = '', stderr = '' } = cause as Partial<Printed> & ExecFileException;
  const tails = [stdout, stderr].map((text) => text.trimEnd().split('\n').slice(-maxPrintedLines).join('\n'));
  return [`ended with ${signal ?? code}`, ...tails.filter((tail) => tail !== '')].join('\n');
}
