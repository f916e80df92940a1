import { codecConformance } from '@preservarium/conformance';
import { configureTopic, kafkaHarness, startKafka } from '@preservarium/dev-services';
import { afterAll, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

codecConformance({
  test: test.concurrent,
  harness: kafkaHarness(createRdkafkaBackend, kafka),
  configureTopic: (topic, config) => configureTopic(kafka.settings, topic, config),
});
