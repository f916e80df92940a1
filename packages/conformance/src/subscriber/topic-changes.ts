import assert from 'node:assert/strict';
import type { ConformanceSuite } from '../harness.js';
import { numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import { join, newGroupId } from './member.js';
import { writtenRecords } from './written-records.js';

/** A member hears of new partitions within a minute. */
const patienceMs = 90_000;

/** Topics that change while a member reads them. */
export function topicChangeTests({ test, harness }: ConformanceSuite): void {
  for (const [size, count] of [
    ['shorter', 3],
    ['longer', 30],
  ] as const) {
    test(
      `topic changes: a topic that is deleted and created again, and is ${size} now, is read from its beginning`,
      () =>
        withBackend(harness, async (backend) => {
          const topic = await harness.createTopic({ partitions: 1 });
          const groupId = newGroupId();
          const { inbox, subscription, markAllProcessed } = await join(backend, { topic, groupId });
          await harness.writeTopic(topic, writtenRecords(0, 10, 1));
          await inbox.until(({ length }) => length >= 10, '10 records');
          markAllProcessed();
          await subscription.commit();
          await harness.recreateTopic(topic);
          await harness.writeTopic(topic, writtenRecords(100, 100 + count, 1));
          const isFresh = (number: number) => number >= 100;
          await inbox.until(
            (records) => new Set(records.map(numberOf).filter(isFresh)).size === count,
            'all records of the new topic',
          );
        }),
      patienceMs,
    );
  }

  test('topic changes: a client that reads settings gives those of the topic and the defaults', () =>
    withBackend(harness, async ({ topicConfig }) => {
      if (topicConfig === undefined) return;
      const topic = await harness.createTopic({ partitions: 1, config: { 'retention.ms': '123456' } });
      const config = await topicConfig(topic);
      assert.equal(config['retention.ms'], '123456');
      assert.equal(config['cleanup.policy'], 'delete');
      assert.ok(Number(config['max.message.bytes']) > 0);
      await assert.rejects(topicConfig(`no-such-${topic}`), { code: 'TOPIC_UNKNOWN' });
    }));

  test(
    'topic changes: a partition that is added while a member reads is read from its beginning',
    () =>
      withBackend(harness, async (backend) => {
        const topic = await harness.createTopic({ partitions: 1 });
        const assigned = Promise.withResolvers<void>();
        const { inbox } = await join(backend, {
          topic,
          from: 'end',
          onAssigned: (partitions) => {
            if (partitions.some(({ partition }) => partition === 2)) assigned.resolve();
          },
        });
        await backend.addPartitions({ topic, partitions: 3 });
        await harness.writeTopic(topic, writtenRecords(0, 9, 3));
        await within(assigned.promise, patienceMs, 'the added partitions');
        await inbox.until((records) => new Set(records.map(numberOf)).size >= 9, '9 records');
      }),
    2 * patienceMs,
  );
}
