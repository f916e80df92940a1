import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrokerProperties, propertiesText } from './broker-properties.js';
import { passwords } from './credentials.js';
import { makeFormattedData } from './formatted-data.js';
import { runCommand } from './run-command.js';
import { untilStopped } from './until-stopped.js';

// For a program that does little: compiling it well takes longer than running it.
const quickStartFlags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export interface JavaBrokerOptions {
  readonly java: string;
  /** The folder with Kafka's jars. */
  readonly jars: string;
  /** A folder with further classes. */
  readonly classes: string | undefined;
  /** The broker's own folder; made here. */
  readonly folder: string;
  readonly properties: BrokerProperties;
  /** True if the broker is to start quickly, and not to be fast afterwards. */
  readonly quickStart: boolean;
  /** True if users log in with SCRAM: they must be in the data from the start. */
  readonly withUsers: boolean;
}

/** A broker that has its data and may run or not. */
export interface JavaBroker {
  /** Starts the process, which need not be ready yet, and resolves with its id. `onExit` is called when it ends. */
  start(onExit: () => void): Promise<number>;
  /** Signals the process, if it runs; after SIGSTOP it does nothing more. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends the process at once, and resolves when it is gone. */
  kill(): Promise<void>;
  /** The last lines that it printed. */
  logTail(): Promise<string>;
}

/** Makes the data of a broker. */
export async function prepareJavaBroker(options: JavaBrokerOptions): Promise<JavaBroker> {
  const { java, folder } = options;
  const classPath = [
    '-cp',
    [join(options.jars, '*'), ...(options.classes ? [options.classes] : [])].join(':'),
  ];
  const propertiesFile = join(folder, 'server.properties');
  const logFile = join(folder, 'broker.log');
  const dataFolder = join(folder, 'data');
  await mkdir(folder);
  await writeFile(propertiesFile, propertiesText({ ...options.properties, 'log.dirs': dataFolder }));
  const identity = identityOptions(options.withUsers);
  await makeFormattedData({
    jars: options.jars,
    key: [String(options.properties['node.id']), ...identity],
    folder: dataFolder,
    async format() {
      const command = ['kafka.tools.StorageTool', 'format', '--config', propertiesFile, ...identity];
      await runCommand(java, [...quickStartFlags, ...classPath, ...command], { timeoutMs: 60_000 });
    },
  });
  let process: ChildProcess | undefined;

  return {
    async start(onExit) {
      const log = openSync(logFile, 'a');
      const flags = ['-Xmx512m', '-Dlog4j2.level=WARN', ...(options.quickStart ? quickStartFlags : [])];
      const args = [...flags, ...classPath, 'kafka.Kafka', propertiesFile];
      // In a session of its own: Ctrl-C in a terminal reaches this process only, which then ends the broker in order.
      const child = spawn(java, args, { stdio: ['ignore', log, log], detached: true });
      closeSync(log);
      await once(child, 'spawn');
      child.unref();
      child.once('exit', onExit);
      process = child;
      return processId(child);
    },
    signal(signal) {
      if (process?.kill(signal) && signal === 'SIGSTOP') untilStopped(processId(process));
    },
    async kill() {
      if (process === undefined || hasEnded(process)) return;
      process.ref();
      const exited = once(process, 'exit');
      process.kill('SIGKILL');
      await exited;
    },
    logTail: async () => (await readFile(logFile, 'utf8')).split('\n').slice(-20).join('\n'),
  };
}

/** Returns the options of Kafka's tool that say which cluster the data belong to, and which users it has. */
function identityOptions(withUsers: boolean): readonly string[] {
  const users = Object.entries(withUsers ? passwords : {}).flatMap(([name, password]) => [
    `SCRAM-SHA-256=[name=${name},password=${password}]`,
    `SCRAM-SHA-512=[name=${name},password=${password}]`,
  ]);
  const clusterId = Buffer.from('preservarium-dev').toString('base64url');
  return ['--cluster-id', clusterId, ...users.flatMap((user) => ['--add-scram', user])];
}

function processId({ pid, spawnfile }: ChildProcess): number {
  if (pid === undefined) throw new Error(`${spawnfile} was started and has no process id`);
  return pid;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
