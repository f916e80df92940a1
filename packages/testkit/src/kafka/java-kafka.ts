import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackendUnavailableError } from '@preservarium/core';
import type { KafkaSettings } from '@preservarium/publisher';
import { type BrokerProcess, startBrokerProcess } from './broker-process.js';
import { type BrokerPorts, brokerProperties } from './broker-properties.js';
import { makeServerCertificate } from './certificates.js';
import { credentials, passwords } from './credentials.js';
import { findJava } from './find-java.js';
import { createPortFinder } from './free-ports.js';
import type { KafkaCluster, StartKafkaOptions } from './kafka-cluster.js';
import { kafkaJars } from './kafka-jars.js';
import { runCommand } from './run-command.js';
import { waitUntilReady } from './wait-until-ready.js';
import { startWatchdog } from './watchdog.js';

const readyTimeoutMs = 60_000;

interface Node {
  readonly propertiesFile: string;
  readonly logFile: string;
}

/** Apache Kafka from Maven Central, each broker a Java process of its own. */
export async function startJavaKafka(options: StartKafkaOptions): Promise<KafkaCluster> {
  const java = await findJava();
  const jars = await kafkaJars();
  const certificate = options.security === 'sasl-ssl' ? await makeServerCertificate() : undefined;
  const ports = await choosePorts(options);
  const brokers = ports.map(({ client }) => `127.0.0.1:${client}`);
  const settings: KafkaSettings = {
    brokers,
    ...(certificate && { tls: { ca: certificate.authority }, sasl: credentials.admin['scram-sha-512'] }),
  };
  const folder = await mkdtemp(join(tmpdir(), 'preservarium-kafka-'));
  const watchdog = startWatchdog(`[ $# -gt 0 ] && kill -KILL "$@"; rm -rf '${folder}'`);
  let processes: readonly BrokerProcess[] = [];

  async function prepare(): Promise<readonly Node[]> {
    return Promise.all(
      ports.map(async (_, index) => {
        const nodeId = index + 1;
        const dataFolder = join(folder, `data-${nodeId}`);
        const node = {
          propertiesFile: join(folder, `server-${nodeId}.properties`),
          logFile: join(folder, `broker-${nodeId}.log`),
        };
        const autoCreateTopics = options.autoCreateTopics ?? false;
        await mkdir(dataFolder);
        await writeFile(
          node.propertiesFile,
          brokerProperties({ nodeId, dataFolder, ports, autoCreateTopics, certificate }),
        );
        await runCommand(java, formatArguments(jars, node, certificate !== undefined), { timeoutMs: 60_000 });
        return node;
      }),
    );
  }

  async function run(): Promise<void> {
    processes = await Promise.all(
      nodes.map((node) => startBrokerProcess(java, brokerArguments(jars, node), node.logFile)),
    );
    watchdog.tell(processes.map(({ pid }) => pid).join(' '));
    const gone = new AbortController();
    for (const { exited } of processes) void exited.then(() => gone.abort());
    try {
      await waitUntilReady(settings, {
        brokers: nodes.length,
        timeoutMs: readyTimeoutMs,
        signal: gone.signal,
      });
    } catch (cause) {
      throw new BackendUnavailableError(`Apache Kafka did not start: ${await logTails(nodes)}`, { cause });
    }
  }

  function signalAll(signal: 'SIGSTOP' | 'SIGCONT'): void {
    for (const broker of processes) broker.signal(signal);
  }

  async function kill(): Promise<void> {
    await Promise.all(processes.map((broker) => broker.kill()));
    processes = [];
    watchdog.tell('');
  }

  async function stop(): Promise<void> {
    await kill();
    await watchdog.run();
  }

  let nodes: readonly Node[];
  try {
    nodes = await prepare();
    await run();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    kind: 'java',
    brokers,
    settings,
    ...(certificate && { credentials }),
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    kill,
    start: run,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function choosePorts(options: StartKafkaOptions): Promise<BrokerPorts[]> {
  const findPort = createPortFinder();
  const ports: BrokerPorts[] = [];
  for (let node = 0; node < (options.brokers ?? 1); node++) {
    ports.push({
      client: await findPort(options.port),
      internal: await findPort(),
      controller: await findPort(),
    });
  }
  return ports;
}

function formatArguments(jars: string, node: Node, withUsers: boolean): string[] {
  const users = withUsers
    ? Object.entries(passwords).flatMap(([name, password]) =>
        ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
          '--add-scram',
          `${mechanism}=[name=${name},password=${password}]`,
        ]),
      )
    : [];
  const clusterId = 'cHJlc2VydmFyaXVtLS0tLQ';
  return [
    '-cp',
    join(jars, '*'),
    'kafka.tools.StorageTool',
    'format',
    '-t',
    clusterId,
    '-c',
    node.propertiesFile,
    ...users,
  ];
}

function brokerArguments(jars: string, node: Node): string[] {
  return ['-Xmx512m', '-Dlog4j2.level=WARN', '-cp', join(jars, '*'), 'kafka.Kafka', node.propertiesFile];
}

async function logTails(nodes: readonly Node[]): Promise<string> {
  const tails = await Promise.all(
    nodes.map(async ({ logFile }) => (await readFile(logFile, 'utf8')).split('\n').slice(-20).join('\n')),
  );
  return tails.join('\n');
}
