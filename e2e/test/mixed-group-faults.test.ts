import { randomUUID } from 'node:crypto';
import type { Backend } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { auditPushes } from '@preservarium/conformance';
import { assignmentsOf, createTestTopic, startJavaConsumer, startKafka } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';

const kafka = await startKafka({ isolated: true });
afterAll(() => kafka.stop());

const create = { kafkajs: createKafkajsBackend, rdkafka: createRdkafkaBackend };
type Client = keyof typeof create | 'java';
const timeoutMs = 15_000;
const rebalanceMs = 60_000;

test.each([
  ['kafkajs', 'rdkafka', 'java'],
  ['rdkafka', 'java', 'kafkajs'],
  ['java', 'kafkajs', 'rdkafka'],
] as const)(
  'members on %s, %s and %s divide the partitions, each with the same ones of both topics',
  async (...clients: readonly Client[]) => {
    const topics = await Promise.all([0, 1].map(() => createTestTopic(kafka.settings, { partitions: 6 })));
    const groupId = randomUUID();
    const ends: (() => Promise<void>)[] = [];
    try {
      for (const [index, client] of clients.entries()) {
        ends.push(await joinAs(client, { topics, groupId }));
        await expect
          .poll(() => sizesOf(groupId, topics), { timeout: rebalanceMs, interval: 250 })
          .toEqual(Array.from({ length: index + 1 }, () => 6 / (index + 1)));
      }
      for (const assignment of await assignmentsOf(kafka.settings, groupId)) {
        const [one, other] = topics.map((topic) => assignment[topic]);
        expect(one).toEqual(other);
      }
    } finally {
      await Promise.all(ends.map((end) => end()));
    }
  },
  240_000,
);

/** The members' numbers of partitions of the first topic; of both topics they have as many, or it is not divided yet. */
async function sizesOf(
  groupId: string,
  [one = '', other = '']: readonly string[],
): Promise<readonly number[]> {
  const assignments = await assignmentsOf(kafka.settings, groupId);
  return assignments.map((of) => (of[one]?.length === of[other]?.length ? (of[one]?.length ?? 0) : -1));
}

async function joinAs(
  client: Client,
  options: { readonly topics: readonly string[]; readonly groupId: string },
): Promise<() => Promise<void>> {
  if (client === 'java') return (await startJavaConsumer(kafka.settings, options)).stop;
  const backend = create[client](kafka.settings);
  await backend.subscribe({ ...options, from: 'beginning', onRecords: async () => {} });
  return () => backend.close({ timeoutMs });
}

test('a group whose members are moved from kafkajs to rdkafka one by one, and back, loses, repeats and reorders nothing', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 6 });
  const groupId = randomUUID();
  const received: { deviceId: string; sequence: number }[] = [];
  const writer = createRdkafkaBackend(kafka.settings);
  const deviceIds = Array.from({ length: 30 }, (_, index) => `device-${index}`);
  const pushes: { deviceId: string; sequence: number; acknowledged: boolean }[] = [];
  let isWriting = true;

  async function write(): Promise<void> {
    for (let sequence = 0; isWriting; sequence++) {
      const records = deviceIds.map((key) => ({ topic, key, value: Buffer.from(String(sequence)) }));
      const outcomes = await writer.publish(records, { timeoutMs: 60_000 });
      for (const [index, { ok }] of outcomes.entries())
        pushes.push({ deviceId: deviceIds[index] as string, sequence, acknowledged: ok });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function joinMarking(client: keyof typeof create): Promise<Backend> {
    const backend = create[client](kafka.settings);
    const joined = Promise.withResolvers<void>();
    const subscription = await backend.subscribe({
      topics: [topic],
      groupId,
      from: 'beginning',
      async onRecords(records) {
        await joined.promise;
        for (const { partition, offset, key, value } of records) {
          received.push({ deviceId: String(key), sequence: Number(value) });
          subscription.markProcessed({ topic, partition, nextOffset: offset + 1 });
        }
      },
    });
    joined.resolve();
    return backend;
  }

  const writing = write();
  const members = [await joinMarking('kafkajs'), await joinMarking('kafkajs')];
  for (const client of ['rdkafka', 'kafkajs'] as const) {
    for (const index of members.keys()) {
      const replaced = members[index] as Backend;
      members[index] = await joinMarking(client);
      await replaced.close({ timeoutMs });
    }
  }
  isWriting = false;
  await writing;
  await expect
    .poll(() => auditPushes(pushes, received), { timeout: rebalanceMs })
    .toEqual({ acknowledged: pushes.length, missing: 0, repeated: 0, outOfOrder: 0 });
  await Promise.all([...members, writer].map((backend) => backend.close({ timeoutMs })));
}, 240_000);
