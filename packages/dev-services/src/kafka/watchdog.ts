import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Watchdog {
  /** Gives the script the value of `$told`; a later one replaces it. */
  tell(line: string): void;
  /** Runs the script now and resolves at its end. */
  run(): Promise<void>;
}

/**
 * Runs a shell script, with `$1` and so on, as soon as this process has ended for whatever reason, SIGKILL included: a
 * shell in a session of its own waits for the end of its standard input, which the system closes with this process.
 */
export async function startWatchdog(script: string, ...args: readonly string[]): Promise<Watchdog> {
  const wait = 'told=; while read -r line; do told=$line; done';
  const child = spawn('sh', ['-c', `${wait}; ${script}`, 'watchdog', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  await once(child, 'spawn');
  child.unref();
  const exited = once(child, 'exit');
  return {
    tell(line) {
      if (child.stdin.writable) child.stdin.write(`${line}\n`);
    },
    async run() {
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}
