import { BackendUnavailableError } from '@preservarium/core';
import { startDockerKafka } from './docker-kafka.js';
import { useExistingKafka } from './existing-kafka.js';
import { startJavaKafka } from './java-kafka.js';
import type { KafkaCluster, StartKafkaOptions } from './kafka-cluster.js';
import { startMockKafka } from './mock-kafka.js';

const realKafkas = [
  { name: 'an existing Kafka', begin: useExistingKafka },
  { name: 'Java with Maven', begin: startJavaKafka },
  { name: 'Docker', begin: startDockerKafka },
];
const mockKafka = { name: "librdkafka's mock", begin: startMockKafka };

/**
 * Gives a Kafka for development and tests: the first that works of the one that `KAFKA_BOOTSTRAP_SERVERS` names, Apache
 * Kafka on Java, Apache Kafka in Docker and, unless `CI` is set, librdkafka's mock cluster. Rejects with
 * `BACKEND_UNAVAILABLE`, saying what was tried, when none does.
 */
export async function startKafka(options: StartKafkaOptions = {}): Promise<KafkaCluster> {
  const onlyReal = Boolean(process.env.CI);
  const problems: BackendUnavailableError[] = [];
  const tried: string[] = [];
  for (const { name, begin } of onlyReal ? realKafkas : [...realKafkas, mockKafka]) {
    try {
      const cluster = await begin(options);
      if (cluster.kind === 'mock') process.stderr.write(mockNotice(tried));
      return cluster;
    } catch (error) {
      if (!BackendUnavailableError.isInstance(error)) throw error;
      problems.push(error);
      tried.push(`  ${name}: ${error.message}\n`);
    }
  }
  throw new BackendUnavailableError(
    `no${onlyReal ? ' real' : ''} Kafka could be started. Tried:\n${tried.join('')}${remedy}`,
    { cause: new AggregateError(problems) },
  );
}

const remedy = 'To have one: apt-get install -y openjdk-17-jre-headless maven';

function mockNotice(tried: readonly string[]): string {
  return `Using librdkafka's mock cluster, which is not a Kafka: it has no admin calls, no idempotent kafkajs, no faults and no disk. ${remedy}\n${tried.join('')}`;
}
