import { publisherFaultConformance, subscriberFaultConformance } from '@preservarium/conformance';
import { kafkaHarness, startKafka } from '@preservarium/dev-services';
import { afterAll, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const cluster = await startKafka({ isolated: true });
afterAll(() => cluster.stop());

const suite = { test, cluster, harness: kafkaHarness(createKafkajsBackend, cluster) };
publisherFaultConformance({ ...suite, onAudit: (name, audit) => console.info(name, audit) });
subscriberFaultConformance(suite);
