import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface PusherOptions {
  /** Working folder. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Content of stdin. Default: nothing. */
  readonly input?: string;
  /** File descriptors in place of pipes. */
  readonly stdin?: number;
  readonly stdout?: number;
}

export interface PusherResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command as a user does, with no other environment than the given variables and the address of Kafka. */
export function startPusher(
  args: readonly string[],
  { folder, environment, stdin, stdout }: PusherOptions,
): ChildProcessWithoutNullStreams {
  const { PATH, NODE_COMPILE_CACHE, KAFKA_BOOTSTRAP_SERVERS } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { PATH, NODE_COMPILE_CACHE, KAFKA_BOOTSTRAP_SERVERS, ...environment },
    stdio: [stdin ?? 'pipe', stdout ?? 'pipe', 'pipe'],
  }) as ChildProcessWithoutNullStreams;
  // A test that fails must not leave the process running.
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

/** Resolves to the result of a command that is running. */
export async function resultOf(child: ChildProcessWithoutNullStreams): Promise<PusherResult> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr).catch(() => ''),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}
