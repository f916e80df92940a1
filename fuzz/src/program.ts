import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { keepLines } from './find-lines.js';
import { neighbourName } from './is-neighbour.js';
import { collectSignal, type MemoryReport } from './memory-report.js';
import type { ProbeReport } from './probe.js';

const probe = new URL('./probe.js', import.meta.url).href;
/** Texts that Node and the programs print of a mistake in their own code. */
const mistakes = /unhandled|uncaught|\b(?:Type|Range|Reference|Syntax)Error\b/i;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ProgramOptions {
  readonly name: string;
  readonly file: URL;
  readonly args?: readonly string[];
  /** File to which its output is appended. */
  readonly logFile: string;
  /** Does not log stdout, which a reader fills with what it reads. Default: false. */
  readonly isReader?: boolean;
}

/** A program in a process of its own, with a probe. It ends with this process. */
export interface Program {
  readonly name: string;
  readonly child: ChildProcess;
  /** Resolves with its exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  hasEnded(): boolean;
  /** Lines of its log that show a mistake in its own code. */
  readonly mistakes: readonly string[];
  /** Resolves with the first group of the first line of the log that matches. */
  logged(pattern: RegExp): Promise<string>;
  /** Resolves when a reader has printed the text beside the name of a neighbour, or ends. */
  printed(text: string): Promise<void>;
  /** Calls back with each report of the probe. Returns a function that ends this. */
  onProbe(listener: (report: ProbeReport) => void): () => void;
  /** Collects its garbage, and resolves with what is left; undefined where it ends. */
  collect(): Promise<MemoryReport | undefined>;
}

export function startProgram({ name, file, args = [], logFile, isReader }: ProgramOptions): Program {
  const { PATH } = process.env;
  const child = fork(fileURLToPath(file), args, {
    env: { PATH, FUZZ_DRIVER: String(process.pid) },
    execArgv: ['--expose-gc', '--import', probe],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  const found: string[] = [];
  const waiting = new Set<(line: string) => void>();
  for (const output of isReader ? [child.stderr] : [child.stdout, child.stderr]) {
    if (output === null) continue;
    createInterface({ input: output }).on('line', (line) => {
      log.write(`${line}\n`);
      if (mistakes.test(line)) found.push(line);
      for (const check of waiting) check(line);
    });
  }
  const printedOfNeighbours = isReader && child.stdout ? keepLines(child.stdout, neighbourName) : undefined;
  running.add(child);
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    log.end();
    return code ?? signal;
  });
  return {
    name,
    child,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    mistakes: found,
    logged(pattern) {
      const line = new Promise<string>((resolve) => {
        waiting.add(function check(each) {
          const match = pattern.exec(each);
          if (match === null) return;
          waiting.delete(check);
          resolve(match[1] ?? each);
        });
      });
      const early = ended.then((code) =>
        Promise.reject(new Error(`${name} ended with ${code}; see ${logFile}`)),
      );
      early.catch(() => {});
      return Promise.race([line, early]);
    },
    async printed(text) {
      await Promise.race([printedOfNeighbours?.find(text), ended]);
    },
    onProbe(listener) {
      const onMessage = (message: { readonly probe?: ProbeReport }) => {
        if (message.probe !== undefined) listener(message.probe);
      };
      child.on('message', onMessage);
      return () => child.off('message', onMessage);
    },
    async collect() {
      const { promise, resolve } = Promise.withResolvers<MemoryReport>();
      const onMessage = (message: { readonly memory?: MemoryReport }) => {
        if (message.memory !== undefined) resolve(message.memory);
      };
      child.on('message', onMessage);
      child.kill(collectSignal);
      const report = await Promise.race([promise, ended.then(() => undefined)]);
      child.off('message', onMessage);
      return report;
    },
  };
}
