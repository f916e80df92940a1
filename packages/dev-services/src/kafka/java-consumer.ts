import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { KafkaOptions } from '@preservarium/backend';
import { findJava } from './find-java.js';
import { kafkaJars } from './kafka-jars.js';

/** A member of a group on Kafka's own client. */
export interface JavaConsumer extends AsyncDisposable {
  /** Ends it in order, so that it leaves its group. */
  stop(): Promise<void>;
}

/** Starts the console consumer of Apache Kafka with its range assignor, from the beginning of the topics; without TLS and SASL. */
export async function startJavaConsumer(
  { brokers }: KafkaOptions,
  { groupId, topics }: { readonly groupId: string; readonly topics: readonly string[] },
): Promise<JavaConsumer> {
  const [java, jars] = await Promise.all([findJava(), kafkaJars()]);
  const properties = {
    'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.RangeAssignor',
    'auto.offset.reset': 'earliest',
  };
  const child: ChildProcess = spawn(
    java,
    [
      ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m', '-cp', join(jars, '*')],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', brokers.join(','), '--group', groupId, '--include', topics.join('|')],
      ...Object.entries(properties).flatMap(([name, value]) => ['--command-property', `${name}=${value}`]),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}
