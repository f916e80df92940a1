import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { BackendUnavailableError } from '@preservarium/core';

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

const timeoutMs = 600_000;

/** Runs a program to its end. Rejects with `BACKEND_UNAVAILABLE` where it is missing, fails, or takes ten minutes. */
export async function runProgram(program: string, args: readonly string[]): Promise<Printed> {
  // A process group of its own, so that what it starts ends with it.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), timeoutMs);
  try {
    const [stdout, stderr, problem] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      endOf(child),
    ]);
    if (problem === undefined) return { stdout, stderr };
    throw new BackendUnavailableError(`${program} failed (${problem}): ${lastLines(stdout + stderr)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves with what went wrong, if anything did. */
function endOf(child: ReturnType<typeof spawn>): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `${signal ?? `exit code ${code}`}`),
    );
  });
}

function lastLines(printed: string): string {
  return printed.trim().split('\n').slice(-10).join('\n');
}
