import { kafkaHarness, publisherFaultConformance, startKafka } from '@preservarium/testkit';
import { afterAll, describe, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const cluster = await startKafka({ isolated: true });
afterAll(() => cluster.stop());
for (const receipts of ['acknowledged', 'offsets'] as const)
  describe(receipts, () =>
    publisherFaultConformance({
      test,
      cluster,
      harness: kafkaHarness((settings) => createRdkafkaBackend({ ...settings, receipts }), cluster),
      onAudit: (name, audit) => console.info(receipts, name, JSON.stringify(audit)),
    }),
  );
