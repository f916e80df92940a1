import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface RunningDemo {
  readonly child: ChildProcessWithoutNullStreams;
  /** Its stdout up to now. */
  readonly lines: readonly string[];
  /** Resolves once a line has the text; rejects when the demo ends without it. */
  printed(text: string): Promise<void>;
  /** Resolves with the exit code, after the last line. */
  readonly ended: Promise<number | null>;
}

/** Starts the built program against the Kafka of the tests. */
export function startDemo(...args: readonly string[]): RunningDemo {
  const child = spawn(process.execPath, [main, ...args]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: string[] = [];
  const printing = createInterface({ input: child.stdout });
  printing.on('line', (line) => lines.push(line));
  child.stderr.resume();
  const ended = once(child, 'close').then(([exitCode]: (number | null)[]) => exitCode ?? null);

  return {
    child,
    lines,
    ended,
    async printed(text) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const check = () => lines.some((line) => line.includes(text)) && resolve();
      printing.on('line', check);
      printing.on('close', () => reject(new Error(`the demo ended without "${text}":\n${lines.join('\n')}`)));
      check();
      await promise;
    },
  };
}
