import { kafkaHarness, publisherConformance, startKafka, subscriberConformance } from '@preservarium/testkit';
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
