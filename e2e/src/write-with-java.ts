import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KafkaOptions } from '@preservarium/backend';
import { findJava, kafkaJars } from '@preservarium/dev-services';

/** Writes a record for each key with the console producer of Apache Kafka, which is Java's own client. */
export async function writeWithJava(
  { brokers }: KafkaOptions,
  topic: string,
  keys: readonly string[],
): Promise<void> {
  const java = await findJava();
  const running = promisify(execFile)(
    java,
    [
      ...['-cp', join(await kafkaJars(), '*'), 'org.apache.kafka.tools.ConsoleProducer'],
      ...['--bootstrap-server', brokers.join(','), '--topic', topic],
      ...['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=\t'],
    ],
    { timeout: 60_000 },
  );
  running.child.stdin?.end(keys.map((key) => `${key}\tvalue\n`).join(''));
  await running;
}
