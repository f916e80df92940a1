import { startJavaKafka } from './java-kafka.js';
import type { KafkaCluster, StartKafkaOptions } from './kafka-cluster.js';

export async function startKafka(options: StartKafkaOptions = {}): Promise<KafkaCluster> {
  return startJavaKafka(options);
}
