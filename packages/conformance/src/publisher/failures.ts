import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { PublishRecord } from '@preservarium/backend';
import { PusherError } from '@preservarium/core';
import type { ConformanceHarness, ConformanceSuite } from '../harness.js';
import { codesOf, numberedRecords } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';

const timeoutMs = 20_000;

/** Names of topics as a function of the caller may give them. */
const badTopics = {
  undefined: undefined,
  empty: '',
  'no name of Kafka': 'device commands',
  'too long': 'x'.repeat(250),
};

export function failureTests({ test, harness }: ConformanceSuite): void {
  test('failures: a record larger than brokers take fails alone', async () => {
    const topic = await harness.createTopic({ partitions: 2 });
    await assertFailsAlone(harness, topic, tooLarge(topic, 1_100_000), 'MESSAGE_TOO_LARGE');
  });

  test("failures: a record larger than the topic's max.message.bytes fails alone", async () => {
    const topic = await harness.createTopic({ partitions: 2, config: { 'max.message.bytes': '100000' } });
    await assertFailsAlone(harness, topic, tooLarge(topic, 200_000), 'MESSAGE_TOO_LARGE');
  });

  test('failures: a record for a topic that does not exist fails alone', async () => {
    const topic = await harness.createTopic({ partitions: 2 });
    const unknown = { topic: `no-such-topic-${randomUUID()}`, key: 'device-1', value: Buffer.from('lost') };
    await assertFailsAlone(harness, topic, unknown, 'TOPIC_UNKNOWN');
  });

  for (const [name, topicName] of Object.entries(badTopics)) {
    test(`failures: a record whose topic is ${name} fails alone`, async () => {
      const topic = await harness.createTopic({ partitions: 2 });
      const bad = { topic: topicName as string, key: 'device-1', value: Buffer.from('lost') };
      await assertFailsAlone(harness, topic, bad, 'CONFIGURATION_INVALID');
    });
  }

  test('failures: a record for a partition that its topic does not have fails alone', async () => {
    for (const partition of [-1, 2, 0.5, 2 ** 32]) {
      const topic = await harness.createTopic({ partitions: 2 });
      const unknown = { topic, key: 'device-1', partition, value: Buffer.from('lost') };
      await assertFailsAlone(harness, topic, unknown, 'TOPIC_UNKNOWN');
    }
  });
}

function tooLarge(topic: string, sizeBytes: number): PublishRecord {
  return { topic, key: 'device-1', value: randomBytes(sizeBytes) };
}

/** Publishes `bad` in the middle of a call and as a call among concurrent ones. */
async function assertFailsAlone(
  harness: ConformanceHarness,
  topic: string,
  bad: PublishRecord,
  code: string,
): Promise<void> {
  await withBackend(harness, async (backend) => {
    const good = numberedRecords(topic, 60);
    const calls = [
      [...good.slice(0, 10), bad, ...good.slice(10, 20)],
      ...good.slice(20, 40).map((record) => [record]),
      [bad],
      ...good.slice(40, 60).map((record) => [record]),
    ];
    const outcomes = await Promise.all(calls.map((records) => backend.publish(records, { timeoutMs })));
    assert.deepEqual(
      outcomes.map(codesOf),
      calls.map((records) => records.map((record) => (record === bad ? code : 'ok'))),
    );
    for (const outcome of outcomes.flat()) {
      if (!outcome.ok) assert.ok(PusherError.isInstance(outcome.error), 'the error is one of this project');
    }
    const read = await harness.readTopic(topic);
    assert.deepEqual(
      read.map(({ value }) => String(value)).sort(),
      good.map(({ value }) => String(value)).sort(),
      'the others are in the topic, each once',
    );
  });
}
