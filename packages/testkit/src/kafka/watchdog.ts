import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Watchdog {
  /** Gives the script the value of `$1`; a later one replaces it. */
  tell(argument: string): void;
  /** Runs the script now and resolves at its end. */
  run(): Promise<void>;
}

/**
 * Runs a shell script as soon as this process has ended, for whatever reason, SIGKILL included: a shell in a session of
 * its own waits for the end of its standard input, which the system closes with this process.
 */
export function startWatchdog(script: string): Watchdog {
  const child = spawn(
    'sh',
    ['-c', `argument=; while read -r line; do argument=$line; done; set -- $argument; ${script}`],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  );
  child.unref();
  const exited = once(child, 'exit');
  return {
    tell: (argument) => child.stdin.write(`${argument}\n`),
    async run() {
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}
