import { publisherConformance, subscriberConformance } from '@preservarium/conformance';
import { kafkaHarness, startKafka } from '@preservarium/dev-services';
import { afterAll, describe, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

describe('acknowledged', () => {
  const harness = kafkaHarness(createRdkafkaBackend, kafka);
  publisherConformance({ test, harness });
  subscriberConformance({ test, harness });
});

describe('offsets', () => {
  const harness = kafkaHarness(
    (settings) => createRdkafkaBackend({ ...settings, receipts: 'offsets' }),
    kafka,
  );
  publisherConformance({ test, harness });
  subscriberConformance({ test, harness });
});
