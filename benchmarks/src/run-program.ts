import { type ExecFileException, execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { BackendUnavailableError } from '@preservarium/core';
import { lastLines } from './last-lines.js';

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

const execute = promisify(execFile);
const timeoutMs = 600_000;
const maxPrintedBytes = 16 * 1024 * 1024;

/**
 * Runs a program to its end. Rejects with `BACKEND_UNAVAILABLE`, its exit code or signal and its last lines where it is missing,
 * fails, or takes ten minutes.
 *
 * @param name of the program in that error. Default: that of its file
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  name = basename(program),
): Promise<Printed> {
  try {
    return await execute(program, args, {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: maxPrintedBytes,
    });
  } catch (cause) {
    throw new BackendUnavailableError(`${name} failed: ${describeFailure(cause)}`, { cause });
  }
}

function describeFailure(cause: unknown): string {
  const { code, signal, stdout = '', stderr = '' } = cause as Partial<Printed> & ExecFileException;
  return `ended with ${signal ?? code}\n${lastLines(stdout, stderr)}`.trimEnd();
}
