import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { PartitionOffsets } from '@preservarium/backend';
import type { ConformanceSuite } from '../harness.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import { join, newGroupId } from './member.js';

const timeoutMs = 20_000;

export function groupOffsetsTests({ test, harness }: ConformanceSuite): void {
  test('group offsets: where each partition ends, and what the group has committed of it', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const groupId = newGroupId();
      const write = (partition: number) =>
        harness.writeTopic(topic, [{ partition, value: Buffer.from('1') }]);
      for (const partition of [0, 0, 2, 2, 2]) await write(partition);
      const offsets = async () => tableOf(await backend.offsets({ topic, groupId }));
      assert.deepEqual(await offsets(), [
        [0, undefined, 2],
        [1, undefined, 0],
        [2, undefined, 3],
      ]);
      const { inbox, subscription } = await join(backend, { topic, groupId });
      await inbox.until(({ length }) => length >= 5, '5 records');
      subscription.markProcessed({ topic, partition: 0, nextOffset: 2 });
      subscription.markProcessed({ topic, partition: 2, nextOffset: 1 });
      await subscription.commit();
      await write(1);
      assert.deepEqual(await offsets(), [
        [0, 2, 2],
        [1, 0, 1],
        [2, 1, 3],
      ]);
      assert.deepEqual(tableOf(await backend.offsets({ topic, groupId: newGroupId() })), [
        [0, undefined, 2],
        [1, undefined, 1],
        [2, undefined, 3],
      ]);
    }));

  test('group offsets: a client that describes groups gives those with offsets of all of the topics, and their members', () =>
    withBackend(harness, async (backend) => {
      const { groupsOf } = backend;
      if (groupsOf === undefined) return;
      const [topic, other] = [
        await harness.createTopic({ partitions: 2 }),
        await harness.createTopic({ partitions: 2 }),
      ];
      const [both, one] = [newGroupId(), newGroupId()].sort() as [string, string];
      const onBoth = await join(backend, { topic, topics: [topic, other], groupId: both });
      const onOne = await join(backend, { topic, groupId: one });
      await Promise.all([onBoth, onOne].map(({ subscription }) => subscription.commit()));
      assert.deepEqual(
        (await groupsOf([topic])).map(({ groupId }) => groupId),
        [both, one],
      );
      const [described, ...more] = await groupsOf([topic, other]);
      assert.deepEqual(more, []);
      assert.equal(described?.groupId, both);
      assert.deepEqual(
        described.members.map(({ partitions }) => partitions),
        [{ [topic]: [0, 1], [other]: [0, 1] }],
      );
      assert.ok(described.members.every(({ memberId, clientId, host }) => memberId && clientId && host));
      await onBoth.subscription.close({ timeoutMs });
      assert.deepEqual(await groupsOf([topic, other]), [{ groupId: both, members: [] }]);
      assert.deepEqual(await groupsOf([topic, `no-such-${topic}`]), []);
    }));

  test('group offsets: of several topics can be asked for at the same time', () =>
    withBackend(harness, async (backend) => {
      const topics = await Promise.all([1, 2, 3].map((partitions) => harness.createTopic({ partitions })));
      const groupId = newGroupId();
      const asked = Array.from({ length: 20 }, () =>
        topics.map((topic) => backend.offsets({ topic, groupId })),
      );
      const answers = await within(Promise.all(asked.flat()), timeoutMs, 'the answers');
      assert.deepEqual(
        answers.map(({ length }) => length),
        asked.flatMap(() => [1, 2, 3]),
      );
    }));

  test('group offsets: can be asked for in onAssigned', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 2 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, [{ partition: 1, value: Buffer.from('1') }]);
      const asked = Promise.withResolvers<readonly PartitionOffsets[]>();
      await join(backend, {
        topic,
        groupId,
        onAssigned: () => asked.resolve(backend.offsets({ topic, groupId })),
      });
      assert.deepEqual(tableOf(await within(asked.promise, timeoutMs, 'the answer')), [
        [0, 0, 0],
        [1, 0, 1],
      ]);
    }));

  test('group offsets: of a topic that does not exist, TOPIC_UNKNOWN; after close, CLOSED', () =>
    withBackend(harness, async (backend) => {
      const of = { topic: `no-such-topic-${randomUUID()}`, groupId: newGroupId() };
      await assert.rejects(within(backend.offsets(of), timeoutMs, 'the answer'), { code: 'TOPIC_UNKNOWN' });
      await backend.close({ timeoutMs });
      await assert.rejects(backend.offsets(of), { code: 'CLOSED' });
    }));
}

function tableOf(offsets: readonly PartitionOffsets[]) {
  return offsets.map(({ partition, committedOffset, startOffset, endOffset }) => {
    assert.equal(startOffset, 0, 'the oldest record is the first');
    return [partition, committedOffset, endOffset];
  });
}
