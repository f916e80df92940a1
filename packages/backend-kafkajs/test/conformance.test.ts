import { kafkaHarness, publisherConformance, startKafka, subscriberConformance } from '@preservarium/testkit';
import { afterAll, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

const suite = { test, harness: kafkaHarness(createKafkajsBackend, kafka) };
publisherConformance(suite);
subscriberConformance(suite);
