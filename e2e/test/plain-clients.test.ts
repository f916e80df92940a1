import { setTimeout as pause } from 'node:timers/promises';
import { auditPushes } from '@preservarium/conformance';
import { createTestTopic, type KafkaCluster, readTopic, startKafka } from '@preservarium/dev-services';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlainClient, sequenceOf } from '../src/plain/plain-client.js';
import { plainKafkajs } from '../src/plain/plain-kafkajs.js';
import { plainRdkafka } from '../src/plain/plain-rdkafka.js';

// Both clients, used plainly, tell of records that a frozen broker lost as if it had them. This is why the backends use
// them as they do; and that the audit sees it here is why its zeros in the backends' own tests mean something.

let kafka: KafkaCluster;
beforeAll(async () => {
  kafka = await startKafka({ isolated: true });
});
afterAll(() => kafka.stop());

// Chance decides which records are in flight when the broker freezes; one round was enough in each trial.
const rounds = 5;

test('kafkajs with concurrent sends acknowledges records that are missing, and breaks the order of devices', async () => {
  const audit = await auditUntilBroken(plainKafkajs);
  expect(audit.missing).toBeGreaterThan(0);
  expect(audit.outOfOrder).toBeGreaterThan(0);
});

test('node-rdkafka with reports for failures alone acknowledges records that are missing, when flush is taken for the end', async () => {
  const audit = await auditUntilBroken(plainRdkafka);
  expect(audit.missing).toBeGreaterThan(0);
});

async function auditUntilBroken(push: PlainClient) {
  for (let round = 1; ; round++) {
    const topic = await createTestTopic(kafka.settings, { partitions: 6 });
    const pushes = await push({ brokers: kafka.brokers, topic, disturb: freeze });
    const records = await readTopic(kafka.settings, topic);
    const audit = auditPushes(
      pushes,
      records.map(({ key, value }) => ({ deviceId: String(key), sequence: sequenceOf(value) })),
    );
    if (audit.missing > 0 || round === rounds) return audit;
  }
}

async function freeze(): Promise<void> {
  kafka.freeze();
  await pause(4_000);
  kafka.thaw();
}
