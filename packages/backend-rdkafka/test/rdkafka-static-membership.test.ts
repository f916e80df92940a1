import { randomUUID } from 'node:crypto';
import type { Backend } from '@preservarium/backend';
import { createTestTopic, startKafka, writeTopic } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

const partitions = 12;
const timeoutMs = 10_000;

/** A member that notes what it is assigned and handed over. */
async function joinStatic(options: { topic: string; groupId: string; instanceId: string }) {
  const backend: Backend = createRdkafkaBackend(kafka.settings);
  const owned = new Set<number>();
  const values: string[] = [];
  let changes = 0;
  const subscription = await backend.subscribe({
    topics: [options.topic],
    groupId: options.groupId,
    instanceId: options.instanceId,
    from: 'beginning',
    async onRecords(records) {
      for (const { topic, partition, offset, value } of records) {
        values.push(String(value));
        subscription.markProcessed({ topic, partition, nextOffset: offset + 1 });
      }
    },
    onAssigned(assigned) {
      changes++;
      for (const { partition } of assigned) owned.add(partition);
    },
    async onRevoked(revoked) {
      changes++;
      for (const { partition } of revoked) owned.delete(partition);
    },
  });
  return { backend, subscription, owned, values, changes: () => changes };
}

test('three static members that restart one by one keep their partitions, and make no rebalance', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions });
  const groupId = randomUUID();
  const join = (index: number) => joinStatic({ topic, groupId, instanceId: `connector-${index}` });
  const members = await Promise.all([0, 1, 2].map(join));
  await expect.poll(() => members.map(({ owned }) => owned.size), { timeout: 60_000 }).toEqual([4, 4, 4]);
  const before = members.map(({ owned }) => [...owned].sort((a, b) => a - b));
  const received = members.map(({ values }) => values);
  for (const [index, member] of members.entries()) {
    const others = members.filter((other) => other !== member);
    const changes = others.map((other) => other.changes());
    await member.backend.close({ timeoutMs });
    await writeTopic(
      kafka.settings,
      topic,
      Array.from({ length: partitions }, (_, partition) => ({
        partition,
        value: Buffer.from(`${index}/${partition}`),
      })),
    );
    const restarted = await join(index);
    members[index] = restarted;
    received.push(restarted.values);
    expect([...restarted.owned].sort((a, b) => a - b)).toEqual(before[index]);
    expect(others.map((other) => other.changes())).toEqual(changes);
  }
  const all = [0, 1, 2].flatMap((index) =>
    Array.from({ length: partitions }, (_, partition) => `${index}/${partition}`),
  );
  await expect.poll(() => received.flat().sort(), { timeout: 30_000 }).toEqual(all.sort());
  await Promise.all(members.map(({ backend }) => backend.close({ timeoutMs })));
}, 120_000);

test('a member whose id another one uses as well ends with an error that has the id', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions });
  // Many, since the client's error and the line of its log that gives the reason come in either order.
  const pairs = Array.from({ length: 10 }, async () => {
    const groupId = randomUUID();
    const first = await joinStatic({ topic, groupId, instanceId: 'connector-1' });
    const second = await joinStatic({ topic, groupId, instanceId: 'connector-1' });
    await expect(first.subscription.closed).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringMatching(/^instanceId: "connector-1"/),
    });
    expect(second.owned.size).toBe(partitions);
    await Promise.all([first, second].map(({ backend }) => backend.close({ timeoutMs })));
  });
  await Promise.all(pairs);
}, 120_000);
