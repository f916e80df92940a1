import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from '@preservarium/conformance';
import { BackendUnavailableError } from '@preservarium/core';
import { pythonFolder } from '../program-folders.js';
import { pythonWith } from '../python/python-with.js';

const version = '0.4.17';
const startTimeoutMs = 30_000;

/** A running program on aiocoap. It ends with this process, whose end closes its input. */
export interface AiocoapProgram {
  readonly child: ChildProcess;
  writeLine(line: string): void;
  /** Ends it at once. */
  stop(): Promise<void>;
}

/** Starts a program of the folder `python`; resolves once it is ready. `onLine` is called with each line of JSON that it prints. */
export async function runAiocoap(
  script: string,
  args: readonly string[],
  onLine: (said: unknown) => void,
): Promise<AiocoapProgram> {
  const python = await pythonWith(`aiocoap==${version}`);
  const child = spawn(python, [join(pythonFolder, script), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const ready = Promise.withResolvers<void>();
  let printed = '';
  child.stderr.on('data', (data: Buffer) => {
    printed = `${printed}${data}`.slice(-2_000);
  });
  createInterface(child.stdout).on('line', (line) => {
    if (line === 'ready') ready.resolve();
    else onLine(JSON.parse(line));
  });
  void exited.then(() =>
    ready.reject(new BackendUnavailableError(`${script} ended before it was ready: ${printed.trim()}`)),
  );

  async function stop(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
  }

  try {
    await within(ready.promise, startTimeoutMs, `the start of ${script}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { child, stop, writeLine: (line) => void child.stdin.write(`${line}\n`) };
}
