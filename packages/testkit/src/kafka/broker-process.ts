import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

/** A running broker. */
export interface BrokerProcess {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
  /** SIGKILL, and resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Starts a program that writes what it prints to a file and does not keep this process alive. */
export async function startBrokerProcess(
  program: string,
  args: readonly string[],
  logFile: string,
): Promise<BrokerProcess> {
  const log = openSync(logFile, 'a');
  // In a session of its own: Ctrl-C in the terminal reaches this process, which then ends the broker in order.
  const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  const exited = once(child, 'exit');
  return {
    pid: pidOf(child),
    exited,
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.ref();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} has no process id`);
  return child.pid;
}
