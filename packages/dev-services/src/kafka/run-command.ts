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
    throw new BackendUnavailableError(reasonOf(program, cause), { cause });
  }
}

function reasonOf(program: string, cause: unknown): string {
  if (!(cause instanceof Error)) return `${program} failed: ${String(cause)}`;
  if ('code' in cause && cause.code === 'ENOENT') return `${program} is not installed`;
  const printed = 'stdout' in cause && 'stderr' in cause ? `${cause.stdout}${cause.stderr}`.trim() : '';
  return `${program} failed: ${printed || cause.message}`;
}
