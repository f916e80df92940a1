import type { KafkaOptions } from '@preservarium/backend';
import {
  createTestTopic,
  type KafkaCluster,
  type Mosquitto,
  startKafka,
  startMosquitto,
} from '@preservarium/dev-services';

const partitions = 6;

/** A Kafka and a mosquitto of this run's own, and the topics. */
export interface Scene extends AsyncDisposable {
  readonly backend: 'kafkajs' | 'rdkafka';
  readonly cluster: KafkaCluster;
  readonly kafka: KafkaOptions;
  readonly mosquitto: Mosquitto;
  readonly groupId: string;
  readonly partitions: number;
  readonly topics: Topics;
}

interface Topics {
  readonly commands: string;
  readonly waiting: string;
  readonly deadLetters: string;
  readonly events: string;
}

export async function createScene(backend: Scene['backend'], brokers: 1 | 3): Promise<Scene> {
  await using resources = new AsyncDisposableStack();
  const cluster = resources.use(await startKafka({ isolated: true, brokers }));
  const mosquitto = resources.use(await startMosquitto());
  const commands = await createTestTopic(cluster.settings, { partitions });
  const topics = {
    commands,
    waiting: `${commands}-waiting`,
    deadLetters: `${commands}-dead`,
    events: `${commands}-events`,
  };
  const running = resources.move();
  return {
    backend,
    cluster,
    kafka: cluster.settings,
    mosquitto,
    groupId: `${commands}-connectors`,
    partitions,
    topics,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
