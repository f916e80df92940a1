import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaOptions } from '@preservarium/backend';
import { BackendUnavailableError, ClosedError } from '@preservarium/core';
import { type BrokerPorts, brokerProperties } from './broker-properties.js';
import { makeServerCertificate } from './certificates.js';
import { compileJava } from './compile-java.js';
import { credentials } from './credentials.js';
import { findJava } from './find-java.js';
import { createPortFinder } from './free-ports.js';
import { type JavaBroker, prepareJavaBroker } from './java-broker.js';
import type { KafkaCluster, StartKafkaOptions } from './kafka-cluster.js';
import { kafkaJars } from './kafka-jars.js';
import { waitUntilReady } from './wait-until-ready.js';
import { startWatchdog } from './watchdog.js';

// A broker that is dying can still make a file while its folder is deleted.
const endAndDelete = 'kill -KILL $told; rm -rf "$1" || { sleep 1; rm -rf "$1"; }';

/** Apache Kafka from Maven Central, each broker a Java process of its own. */
export async function startJavaKafka(options: StartKafkaOptions): Promise<KafkaCluster> {
  const java = await findJava();
  const jars = await kafkaJars();
  const certificate =
    options.security === 'sasl-ssl'
      ? await makeServerCertificate({ validUntil: options.certificateUntil })
      : undefined;
  const ports = await findPorts(options);
  const settings: KafkaOptions = {
    brokers: ports.map(({ client }) => `127.0.0.1:${client}`),
    ...(certificate && { tls: { ca: certificate.authority }, sasl: credentials.admin['scram-sha-512'] }),
  };
  const folder = await mkdtemp(join(tmpdir(), 'preservarium-kafka-'));
  const watchdog = await startWatchdog(endAndDelete, folder);
  let brokers: readonly JavaBroker[] = [];
  const processIds = new Map<JavaBroker, number>();
  let stopped: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    const classes = options.mskIam && (await compileJava('MskIamValidator.java', { jars, folder }));
    brokers = await Promise.all(
      ports.map((_, index) => {
        const nodeId = index + 1;
        const autoCreateTopics = options.autoCreateTopics ?? false;
        return prepareJavaBroker({
          java,
          jars,
          folder: join(folder, `broker-${nodeId}`),
          properties: brokerProperties({
            nodeId,
            ports,
            autoCreateTopics,
            certificate,
            mskIam: options.mskIam,
          }),
          classes,
          withUsers: certificate !== undefined,
          quickStart: options.quickStart ?? false,
        });
      }),
    );
  }

  async function start(index?: number): Promise<void> {
    if (stopped) throw new ClosedError('the Kafka cluster');
    const gone = new AbortController();
    for (const broker of chosen(index)) {
      processIds.set(broker, await broker.start(() => gone.abort()));
    }
    tellWatchdog();
    try {
      await waitUntilReady(settings, { brokers: ports.length, timeoutMs: 120_000, signal: gone.signal });
    } catch (cause) {
      const logs = await Promise.all(brokers.map((broker) => broker.logTail()));
      throw new BackendUnavailableError(`Apache Kafka did not start: ${logs.join('\n')}`, { cause });
    }
  }

  async function kill(index?: number): Promise<void> {
    await Promise.all(
      chosen(index).map(async (broker) => {
        await broker.kill();
        processIds.delete(broker);
      }),
    );
    tellWatchdog();
  }

  function chosen(index: number | undefined): readonly JavaBroker[] {
    return index === undefined ? brokers : brokers.slice(index, index + 1);
  }

  function tellWatchdog(): void {
    watchdog.tell([...processIds.values()].join(' '));
  }

  async function end(): Promise<void> {
    await kill();
    await watchdog.run();
  }

  function stop(): Promise<void> {
    stopped ??= end();
    return stopped;
  }

  function signal(name: 'SIGSTOP' | 'SIGCONT', index: number | undefined): void {
    for (const broker of chosen(index)) broker.signal(name);
  }

  try {
    await prepare();
    await start();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    kind: 'java',
    brokers: settings.brokers,
    settings,
    ...(certificate && { credentials }),
    freeze: (index) => signal('SIGSTOP', index),
    thaw: (index) => signal('SIGCONT', index),
    kill,
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function findPorts(options: StartKafkaOptions): Promise<BrokerPorts[]> {
  const findPort = createPortFinder();
  const ports: BrokerPorts[] = [];
  for (let node = 0; node < (options.brokers ?? 1); node++) {
    const client = await findPort(options.port);
    ports.push({ client, internal: await findPort(), controller: await findPort() });
  }
  return ports;
}
