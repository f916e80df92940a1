import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The program of the gateway as a user runs it; it ends with the test. */
export interface RunningGateway {
  readonly url: string;
  readonly pid: number;
  kill(signal: NodeJS.Signals): Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
}

export interface StartGatewayOptions {
  readonly topic: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: a new folder. A second gateway with the same one finds the same store. */
  readonly folder?: string;
}

/** Resolves when it serves. */
export async function startGateway(options: StartGatewayOptions): Promise<RunningGateway> {
  const { topic, args = [], environment, folder = newFolder() } = options;
  const { PATH, KAFKA_BOOTSTRAP_SERVERS } = process.env;
  const child = spawn(process.execPath, [main, ...argumentsOf(topic), ...args], {
    cwd: folder,
    env: { PATH, KAFKA_BOOTSTRAP_SERVERS, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const stderr = text(child.stderr);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const ended = Promise.all([closed, stderr]).then(([[exitCode], said]) => ({ exitCode, stderr: said }));
  const serving = Promise.withResolvers<string>();
  const log: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.push(line);
    const { msg, url } = JSON.parse(line);
    if (msg === 'serving') serving.resolve(url);
  });
  const early = ended.then((result) => {
    throw new Error(`the gateway ended: ${result.stderr}; it logged ${log.join('\n')}`);
  });
  early.catch(() => {});
  const url = await Promise.race([serving.promise, early]);
  return {
    url,
    pid: Number(child.pid),
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

const folders: string[] = [];

/** A folder for a store; it is deleted after the tests of the file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  folders.push(folder);
  return folder;
}

// Retried: the process of a feed may write to its store for a moment after the gateway was killed.
afterAll(() =>
  Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 10 }))),
);

function argumentsOf(topic: string): string[] {
  return [
    ...['--command-topic', topic, '--waiting-topic', `${topic}-waiting`],
    ...['--settings-topic', `${topic}-settings`, '--reported-settings-topic', `${topic}-reported`],
    ...['--dead-letter-topic', `${topic}-dead`, '--event-topic', `${topic}-events`],
    ...['--port', '0'],
  ];
}
