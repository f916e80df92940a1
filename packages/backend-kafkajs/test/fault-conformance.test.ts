import {
  kafkaHarness,
  publisherFaultConformance,
  startKafka,
  subscriberFaultConformance,
} from '@preservarium/testkit';
import { afterAll, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const cluster = await startKafka({ isolated: true });
afterAll(() => cluster.stop());

const suite = { test, cluster, harness: kafkaHarness(createKafkajsBackend, cluster) };
publisherFaultConformance({ ...suite, onAudit: (name, audit) => console.info(name, audit) });
subscriberFaultConformance(suite);
