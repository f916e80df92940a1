import { publisherConformance, subscriberConformance } from '@preservarium/conformance';
import { kafkaHarness, startKafka } from '@preservarium/dev-services';
import { afterAll, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

const harness = kafkaHarness(createKafkajsBackend, kafka);
publisherConformance({ test, harness });
// Side by side: most of their time is rebalances, and each test has a group and a topic of its own.
subscriberConformance({ test: test.concurrent, harness });
