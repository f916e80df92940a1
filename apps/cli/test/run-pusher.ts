import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface PusherOptions {
  /** Working folder; a `.env` file in it is read. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What is on stdin. Default: nothing. */
  readonly input?: string;
}

export interface PusherResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command as a user does; only the variables given and the address of Kafka are in its environment. */
export function startPusher(
  args: readonly string[],
  { folder, environment }: PusherOptions,
): ChildProcessWithoutNullStreams {
  const { PATH, KAFKA_BOOTSTRAP_SERVERS } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { PATH, KAFKA_BOOTSTRAP_SERVERS, ...environment },
  });
  // A test that fails must not leave it behind.
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Runs the command to its end. */
export async function runPusher(args: readonly string[], options: PusherOptions): Promise<PusherResult> {
  const child = startPusher(args, options);
  child.stdin.end(options.input ?? '');
  return resultOf(child);
}

export async function resultOf(child: ChildProcessWithoutNullStreams): Promise<PusherResult> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}
