import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ProgramOptions {
  readonly file: URL;
  readonly args: readonly string[];
  /** File to which its output is appended. */
  readonly logFile: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** A program in a process of its own, which faults befall. It ends with this process. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  kill(signal: NodeJS.Signals): void;
}

export function startProgram({ file, args, logFile, environment }: ProgramOptions): Program {
  const { PATH } = process.env;
  const options: ForkOptions = { env: { PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] };
  const child = fork(fileURLToPath(file), args, options);
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const kill = (signal: NodeJS.Signals) => void child.kill(signal);
  const killAtExit = () => kill('SIGKILL');
  process.once('exit', killAtExit);
  const ended = once(child, 'close').then(() => {
    process.off('exit', killAtExit);
    log.end();
  });
  return { child, ended, hasEnded: () => child.exitCode !== null || child.signalCode !== null, kill };
}
