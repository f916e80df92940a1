import { partialOutageConformance } from '@preservarium/conformance';
import {
  fenceProducers,
  kafkaHarness,
  leadersOf,
  limitProducers,
  startKafka,
} from '@preservarium/dev-services';
import { afterAll, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const cluster = await startKafka({ brokers: 3 });
afterAll(() => cluster.stop());

partialOutageConformance({
  test,
  cluster,
  harness: kafkaHarness(createRdkafkaBackend, cluster),
  leadersOf: (topic, { except } = {}) =>
    leadersOf(
      { ...cluster.settings, brokers: cluster.brokers.filter((_, index) => index !== except) },
      topic,
    ),
  fenceProducers: (topic) => fenceProducers(cluster.settings, topic),
  limitProducers: (bytesPerSecond) => limitProducers(cluster, bytesPerSecond),
  onOutage: (outage) => console.info(JSON.stringify(outage)),
});
