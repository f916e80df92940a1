import { publisherConformance, subscriberConformance } from '@preservarium/conformance';
import { kafkaHarness, startKafka } from '@preservarium/dev-services';
import { afterAll, describe, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

const harness = kafkaHarness(createRdkafkaBackend, kafka);

describe('acknowledged', () => publisherConformance({ test, harness }));

describe('offsets', () =>
  publisherConformance({
    test,
    harness: kafkaHarness((settings) => createRdkafkaBackend({ ...settings, receipts: 'offsets' }), kafka),
  }));

// Side by side: most of their time is rebalances, and each test has a group and a topic of its own. Receipts are of no concern to them.
subscriberConformance({ test: test.concurrent, harness });
