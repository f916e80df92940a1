import assert from 'node:assert/strict';
import type { AssignedPartition, Backend, SubscribeOptions } from '@preservarium/backend';
import { createDeferred } from '../deferred.js';
import type { ConformanceHarness, ConformanceSuite } from '../harness.js';
import { numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { join, newGroupId } from './member.js';
import { writtenRecords } from './written-records.js';

const closeOptions = { timeoutMs: 10_000 };
const hourMs = 3_600_000;

export function startTests({ test, harness }: ConformanceSuite): void {
  for (const from of ['end', { lastMs: hourMs }] as const) {
    const name = typeof from === 'string' ? from : 'the last hour';
    test(`start: from ${name}, a group that processed nothing goes on where it started`, async () => {
      const topic = await harness.createTopic({ partitions: 3 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, aged(writtenRecords(0, 9, 3), 2 * hourMs));
      await visit(harness, { topic, groupId, from });
      await harness.writeTopic(topic, writtenRecords(9, 18, 3));
      // The first visitor is handed records and marks none; the second one gets the same.
      for (const _ of [1, 2]) {
        assert.deepEqual(await numbersOf(harness, { topic, groupId, from }, 9), range(9, 18));
      }
    });
  }

  test('start: of a new topic, the first record comes', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const { inbox } = await join(backend, { topic, from: 'end' });
      await harness.writeTopic(topic, writtenRecords(0, 1, 1));
      await inbox.until(({ length }) => length >= 1, 'the first record');
    }));

  test('start: from the last hour, older records are skipped and counted', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      await harness.writeTopic(topic, [
        ...aged(writtenRecords(0, 4, 1), 2 * hourMs),
        ...aged(writtenRecords(4, 7, 1), hourMs / 2),
      ]);
      const starts: AssignedPartition[] = [];
      const onAssigned = (assigned: readonly AssignedPartition[]) => void starts.push(...assigned);
      const { inbox } = await join(backend, { topic, from: { lastMs: hourMs }, onAssigned });
      await inbox.until(({ length }) => length >= 3, '3 records');
      assert.deepEqual(inbox.records.map(numberOf), [4, 5, 6]);
      assert.deepEqual(starts, [
        {
          topic,
          partition: 0,
          nextOffset: 4,
          readFrom: 4,
          isNewTopic: false,
          isFirstStart: true,
          skippedRecords: 4,
          lostRecords: 0,
        },
      ]);
    }));

  test('start: a topic may have a start of its own', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      await harness.writeTopic(topic, writtenRecords(0, 3, 1));
      const { inbox } = await join(backend, { topic, from: 'end', fromByTopic: { [topic]: 'beginning' } });
      await inbox.until(({ length }) => length >= 3, '3 records');
    }));

  test('start: members that join together start at one end', () =>
    withBackend(harness, async (first) =>
      withBackend(harness, async (second) => {
        const topic = await harness.createTopic({ partitions: 4 });
        const groupId = newGroupId();
        await harness.writeTopic(topic, writtenRecords(0, 40, 4));
        const members = await Promise.all(
          [first, second].map((backend) => join(backend, { topic, groupId, from: 'end' })),
        );
        await Promise.all(members.map(({ subscription }) => subscription.close(closeOptions)));
        await harness.writeTopic(topic, writtenRecords(40, 80, 4));
        assert.deepEqual(await numbersOf(harness, { topic, groupId, from: 'end' }, 40), range(40, 80));
      }),
    ));

  test('start: a partition that was added while no member ran starts at its beginning', async () => {
    const topic = await harness.createTopic({ partitions: 1 });
    const groupId = newGroupId();
    await visit(harness, { topic, groupId, from: 'end' });
    await withBackend(harness, async (backend) => {
      // The second call has nothing to do.
      for (const _ of [1, 2]) await backend.addPartitions({ topic, partitions: 3 });
      const of = { topic: `no-such-${topic}`, partitions: 3 };
      await assert.rejects(backend.addPartitions(of), { code: 'TOPIC_UNKNOWN' });
    });
    await harness.writeTopic(topic, writtenRecords(0, 9, 3));
    assert.deepEqual(await numbersOf(harness, { topic, groupId, from: 'end' }, 9), range(0, 9));
  });

  test('start: where retention removed the committed record, the oldest one is next and the loss is logged', async () => {
    const topic = await harness.createTopic({ partitions: 1 });
    const groupId = newGroupId();
    await visit(harness, { topic, groupId, from: 'end' });
    await harness.writeTopic(topic, writtenRecords(0, 15, 1));
    await harness.deleteRecords(topic, 0, 10);
    const starts: AssignedPartition[] = [];
    const onAssigned = (assigned: readonly AssignedPartition[]) => void starts.push(...assigned);
    const options = { topic, groupId, from: 'end', onAssigned } as const;
    assert.deepEqual(await numbersOf(harness, options, 5), range(10, 15));
    assert.equal(starts[0]?.lostRecords, 10);
    assert.deepEqual(await numbersOf(harness, options, 5), range(10, 15));
    assert.equal(starts[1]?.lostRecords, 0, 'the new position is committed');
  });

  test('start: an application that keeps what it has read reads on behind that, and may mark what it knows', async () => {
    const topic = await harness.createTopic({ partitions: 1 });
    const groupId = newGroupId();
    await visit(harness, { topic, groupId, from: 'beginning' });
    await harness.writeTopic(topic, writtenRecords(0, 15, 1));
    for (const [known, expected] of [
      [12, range(12, 15)],
      // It knows another topic, or only records that are processed.
      [15, range(5, 15)],
      [4, range(5, 15)],
    ] as const) {
      await withBackend(harness, async (backend) => {
        const starts: AssignedPartition[] = [];
        const { inbox, subscription } = await join(backend, {
          topic,
          groupId,
          resumeFrom: () => known,
          onAssigned: (assigned) => void starts.push(...assigned),
        });
        await inbox.until(({ length }) => length >= expected.length, `${expected.length} records`);
        assert.deepEqual(inbox.records.map(numberOf), expected);
        assert.equal(starts[0]?.readFrom, expected[0]);
        subscription.markProcessed({ topic, partition: 0, nextOffset: 5 });
        await subscription.close(closeOptions);
      });
    }
  });

  test('start: a member that joins again is handed over what is not processed, from where it resumes', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      await harness.writeTopic(topic, writtenRecords(0, 4, 1));
      let known: number | undefined;
      let revocations = 0;
      const { inbox, subscription } = await join(backend, {
        topic,
        resumeFrom: () => known,
        async onRevoked() {
          revocations += 1;
        },
      });
      await inbox.until(({ length }) => length >= 4, '4 records');
      subscription.rejoin();
      await inbox.until(({ length }) => length >= 8, '4 records again');
      known = 3;
      subscription.rejoin();
      await inbox.until(({ length }) => length >= 9, 'the last record again');
      assert.deepEqual(inbox.records.map(numberOf), [...range(0, 4), ...range(0, 4), 3]);
      assert.equal(revocations, 2);
    }));

  test('start: where retention overtakes a slow member, it goes on at the oldest record', () =>
    withBackend(harness, async (backend) => {
      // More than a client fetches ahead.
      const count = 40;
      const value = Buffer.alloc(900_000, ' ');
      const topic = await harness.createTopic({ partitions: 1 });
      for (let number = 0; number < count; number++) {
        await harness.writeTopic(topic, [
          { partition: 0, value: Buffer.concat([Buffer.from(`${number}`), value]) },
        ]);
      }
      const first = createDeferred();
      const removed = createDeferred();
      const { inbox } = await join(backend, {
        topic,
        onRecords() {
          first.resolve();
          return removed.promise;
        },
      });
      await first.promise;
      await harness.deleteRecords(topic, 0, count - 1);
      removed.resolve();
      await inbox.until(
        (records) => numberOf(records.at(-1) ?? { value: null }) === count - 1,
        'the last record',
      );
      assert.ok(inbox.records.length < count, 'the brokers do not have all records any more');
    }));

  test('start: where the topic ends before the committed offset, it is read from its beginning', async () => {
    const topic = await harness.createTopic({ partitions: 1 });
    const groupId = newGroupId();
    await harness.commitOffset(groupId, { topic, partition: 0, nextOffset: 10 });
    await harness.writeTopic(topic, writtenRecords(0, 3, 1));
    const options = { topic, groupId, from: 'end' } as const;
    assert.deepEqual(await numbersOf(harness, options, 3), range(0, 3));
    await harness.writeTopic(topic, writtenRecords(3, 15, 1));
    assert.deepEqual(await numbersOf(harness, options, 15), range(0, 15), 'offset 0 is committed');
  });
}

type VisitOptions = Pick<SubscribeOptions, 'groupId' | 'from' | 'onAssigned'> & { readonly topic: string };

/** Joins with a new client and leaves, whatever came. */
function visit(harness: ConformanceHarness, options: VisitOptions): Promise<void> {
  return withBackend(harness, async (backend) => {
    const { subscription } = await join(backend, options);
    await subscription.close(closeOptions);
  });
}

/** Joins with a new client, waits for so many records, and leaves without marking any; gives their numbers, sorted. */
async function numbersOf(
  harness: ConformanceHarness,
  options: VisitOptions,
  count: number,
): Promise<number[]> {
  let numbers: number[] = [];
  await withBackend(harness, async (backend: Backend) => {
    const { inbox, subscription } = await join(backend, options);
    await inbox.until(({ length }) => length >= count, `${count} records`);
    await subscription.close(closeOptions);
    numbers = inbox.records.map(numberOf).sort((one, other) => one - other);
  });
  return numbers;
}

function aged(records: ReturnType<typeof writtenRecords>, ageMs: number) {
  return records.map((record) => ({ ...record, timestampMs: Date.now() - ageMs }));
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
