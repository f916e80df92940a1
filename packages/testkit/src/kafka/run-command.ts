import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BackendUnavailableError } from '@preservarium/core';

const execute = promisify(execFile);

/** Runs a program to its end and resolves with what it printed on both outputs; rejects where it fails or takes too long. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<string> {
  try {
    const { stdout, stderr } = await execute(program, args, { timeout: timeoutMs, killSignal: 'SIGKILL' });
    return stdout + stderr;
  } catch (cause) {
    const printed = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).trim() : '';
    throw new BackendUnavailableError(`${program} failed: ${printed || String(cause)}`, { cause });
  }
}
