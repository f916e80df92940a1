import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { nodeArguments, type ShellCommand } from './program-help.js';

/** Runs the commands of shell snippets as a reader would, those that stay up in terminals of their own. */
export interface ShellSession {
  /** Resolves when the command has ended with 0, or is up. Commands that are not of this repository are passed over. */
  run(command: ShellCommand): Promise<void>;
  /** Ends the programs that stay up (SIGTERM), and resolves when they have ended. */
  close(): Promise<void>;
}

export interface ShellSessionOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Programs that stay up, with their output when they are ready. */
const staying = [
  { program: /(mqtt|coap|http)-connector/, ready: /taking commands|ready/ },
  { program: /device-simulator/, ready: /./ },
];

export function openShellSession({ folder, environment }: ShellSessionOptions): ShellSession {
  const children: { readonly child: ChildProcess; readonly exited: Promise<unknown> }[] = [];

  async function start(run: readonly string[], env: NodeJS.ProcessEnv, ready: RegExp): Promise<void> {
    const child = spawn(process.execPath, run, { cwd: folder, env });
    const exited = once(child, 'exit');
    children.push({ child, exited });
    let printed = '';
    const up = new Promise<void>((resolve) => {
      const read = (data: Buffer) => {
        printed += data;
        if (ready.test(printed)) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
    });
    const ended = exited.then(() => {
      throw new Error(`${run.join(' ')} ended: ${printed}`);
    });
    ended.catch(() => {});
    await Promise.race([up, ended]);
  }

  return {
    async run(command) {
      const run = nodeArguments(command);
      if (run === undefined || /kafka-cli/.test(run[0] ?? '')) return;
      const env = { ...process.env, ...environment, ...command.variables };
      const stays = staying.find(({ program }) => program.test(run[0] ?? ''));
      if (stays) return start(run, env, stays.ready);
      await new Promise<void>((resolve, reject) => {
        execFile(process.execPath, run, { cwd: folder, env }, (error, stdout, stderr) =>
          error === null ? resolve() : reject(new Error(`${run.join(' ')}: ${stdout}${stderr}`)),
        );
      });
    },
    async close() {
      for (const { child } of children) child.kill('SIGTERM');
      await Promise.all(children.map(({ exited }) => exited));
    },
  };
}
