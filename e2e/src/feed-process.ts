import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./feed-program.ts', import.meta.url));

export interface FeedProgramOptions {
  readonly backend: 'kafkajs' | 'rdkafka';
  readonly brokers: readonly string[];
  /** A URL of PostgreSQL, or the path of a file. */
  readonly place: string;
  readonly eventsTopic: string;
}

/** The feed of a command store, in a process of its own; disposal ends it at once (SIGKILL). */
export function startFeedProcess(settings: FeedProgramOptions): AsyncDisposable {
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
