import { publisherFaultConformance, subscriberFaultConformance } from '@preservarium/conformance';
import { kafkaHarness, startKafka } from '@preservarium/dev-services';
import { afterAll, describe, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const cluster = await startKafka({ isolated: true });
afterAll(() => cluster.stop());

describe.each(['acknowledged', 'offsets'] as const)('receipts: %s', (receipts) => {
  publisherFaultConformance({
    test,
    cluster,
    harness: kafkaHarness((settings) => createRdkafkaBackend({ ...settings, receipts }), cluster),
    onAudit: (name, audit) => console.info(receipts, name, audit),
  });
});

subscriberFaultConformance({ test, cluster, harness: kafkaHarness(createRdkafkaBackend, cluster) });
