import { kafkaHarness, publisherFaultConformance, startKafka } from '@preservarium/testkit';
import { afterAll, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

const cluster = await startKafka({ isolated: true });
afterAll(() => cluster.stop());

publisherFaultConformance({
  test,
  cluster,
  harness: kafkaHarness(createKafkajsBackend, cluster),
  onAudit: (name, audit) => console.info(name, audit),
});
