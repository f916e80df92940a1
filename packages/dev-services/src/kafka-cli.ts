#!/usr/bin/env node
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '@preservarium/core';
import { connectionVariables } from './kafka/connection-variables.js';
import { createTopic } from './kafka/create-topic.js';
import type { KafkaCluster, StartKafkaOptions } from './kafka/kafka-cluster.js';
import { startKafka } from './kafka/start-kafka.js';

const help = `Usage: npm run kafka -- [options]

Starts a Kafka for development with the topics device_commands and device_settings, and stays up until Ctrl-C. Its data is
deleted then. Takes the first that works: Java 17 with Maven, Docker, librdkafka's mock cluster.

Options:
  --brokers 1|3                    how many brokers (default 1)
  --security plaintext|sasl-ssl    how clients connect (default plaintext)
  --port N                         first port for clients; the next free one if taken (default 9092)
  --help                           shows this

Examples:
  npm run kafka
  npm run kafka -- --port 19092
  npm run kafka -- --brokers 3 --security sasl-ssl

Exit codes: 0 stopped or helped, 1 no Kafka could be started, 2 wrong options.
`;

async function main(): Promise<number> {
  const options = readOptions();
  if (options === 'help') {
    process.stdout.write(help);
    return 0;
  }
  await using cluster = await startKafka(options);
  await createDeviceTopics(cluster);
  const { variables, dispose } = await connectionVariables(cluster);
  process.stdout.write(welcome(cluster, variables));
  await stopRequest();
  process.stdout.write('Stopping Kafka and deleting its data\n');
  await dispose();
  return 0;
}

function readOptions(): StartKafkaOptions | 'help' {
  const { values } = parseArgs({
    options: {
      brokers: { type: 'string', default: '1' },
      security: { type: 'string', default: 'plaintext' },
      port: { type: 'string', default: '9092' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const brokers = Number(values.brokers);
  if (brokers !== 1 && brokers !== 3) {
    throw new ConfigurationError(`--brokers is "${values.brokers}"; it can be 1 or 3`);
  }
  const { security } = values;
  if (security !== 'plaintext' && security !== 'sasl-ssl') {
    throw new ConfigurationError(`--security is "${security}"; it can be plaintext or sasl-ssl`);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ConfigurationError(`--port is "${values.port}"; it can be 1 to 65535, for example 9092`);
  }
  return { brokers, security, port, isolated: true };
}

async function createDeviceTopics({ kind, settings }: KafkaCluster): Promise<void> {
  if (kind === 'mock') return;
  await createTopic(settings, { topic: 'device_commands', partitions: 6 });
  const config = { 'cleanup.policy': 'compact' };
  await createTopic(settings, { topic: 'device_settings', partitions: 6, config });
}

function welcome({ kind, brokers }: KafkaCluster, variables: readonly string[]): string {
  return `Kafka is ready (${kind}) at ${brokers.join(',')}

In another terminal:
${variables.map((variable) => `  export ${variable}\n`).join('')}  npm run -s pusher -- push --device lamp-7 --type set_led --protocol mqtt --payload '{"on":true}'
  npm run -s pusher -- consume --from-beginning --max 1

Ctrl-C stops it.
`;
}

/** Resolves at the first SIGINT or SIGTERM; the second one ends the process at once, and the watchdog ends the brokers. */
async function stopRequest(): Promise<void> {
  const stayAlive = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(stayAlive);
}

function exitCodeOf(error: unknown): number {
  const wrongOptions =
    ConfigurationError.isInstance(error) ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return wrongOptions ? 2 : 1;
}

main()
  .catch(exitCodeOf)
  .then((code) => {
    process.exitCode = code;
  });
