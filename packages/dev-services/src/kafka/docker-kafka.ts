import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { BackendUnavailableError } from '@preservarium/core';
import { type BrokerProperties, brokerProperties } from './broker-properties.js';
import { createPortFinder } from './free-ports.js';
import type { KafkaCluster, StartKafkaOptions } from './kafka-cluster.js';
import { runCommand } from './run-command.js';
import { waitUntilReady } from './wait-until-ready.js';
import { startWatchdog } from './watchdog.js';

const image = 'apache/kafka:4.3.1';

/** One plaintext broker in a container. */
export async function startDockerKafka(options: StartKafkaOptions): Promise<KafkaCluster> {
  if (options.brokers === 3 || options.security === 'sasl-ssl') {
    throw new BackendUnavailableError('with Docker there is only one plaintext broker');
  }
  await runCommand('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 10_000 });
  const findPort = createPortFinder();
  const ports = {
    client: await findPort(options.port),
    internal: await findPort(),
    controller: await findPort(),
  };
  const container = `preservarium-kafka-${randomUUID()}`;
  const brokers = [`127.0.0.1:${ports.client}`];
  const settings = { brokers };
  const environment = environmentOf({
    ...brokerProperties({
      nodeId: 1,
      ports: [ports],
      autoCreateTopics: options.autoCreateTopics ?? false,
      certificate: undefined,
      mskIam: undefined,
    }),
    'log.dirs': '/tmp/kraft-combined-logs',
    listeners: `CLIENT://0.0.0.0:${ports.client},INTERNAL://127.0.0.1:${ports.internal},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${ports.client},INTERNAL://127.0.0.1:${ports.internal}`,
  });
  const watchdog = await startWatchdog('docker rm --force --volumes "$1"', container);
  const ready = () => waitUntilReady(settings, { brokers: 1, timeoutMs: 60_000 });
  const docker = (...args: string[]) => runCommand('docker', args, { timeoutMs: 300_000 });
  const stop = () => watchdog.run();

  try {
    const publish = `127.0.0.1:${ports.client}:${ports.client}`;
    await docker('run', '--detach', '--name', container, '--publish', publish, ...environment, image);
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    kind: 'docker',
    brokers,
    settings,
    freeze: () => void execFileSync('docker', ['pause', container]),
    thaw: () => void execFileSync('docker', ['unpause', container]),
    kill: async () => void (await docker('kill', container)),
    async start() {
      await docker('start', container);
      await ready();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The image takes each property from a variable: `log.dirs` from `KAFKA_LOG_DIRS`. */
function environmentOf(properties: BrokerProperties): string[] {
  return Object.entries(properties).flatMap(([name, value]) => [
    '--env',
    `KAFKA_${name.replaceAll('.', '_').toUpperCase()}=${value}`,
  ]);
}
