import { publisherConformance, subscriberConformance } from '@preservarium/conformance';
import { kafkaHarness, startKafka } from '@preservarium/dev-services';
import { afterAll, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

const suite = { test, harness: kafkaHarness(createKafkajsBackend, kafka) };
publisherConformance(suite);
subscriberConformance(suite);
