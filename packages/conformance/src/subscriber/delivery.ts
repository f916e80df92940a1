import assert from 'node:assert/strict';
import { noHeaders, type RecordHeaders, textHeaders } from '@preservarium/backend';
import { createDeferred } from '../deferred.js';
import type { ConformanceSuite } from '../harness.js';
import { numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { join } from './member.js';
import { writtenRecords } from './written-records.js';

export function deliveryTests({ test, harness }: ConformanceSuite): void {
  test('subscribe: every record comes once, each partition in the order of its offsets', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      await harness.writeTopic(topic, writtenRecords(0, 1500, 3));
      const { inbox } = await join(backend, { topic });
      await harness.writeTopic(topic, writtenRecords(1500, 3000, 3));
      await inbox.until(({ length }) => length >= 3000, '3,000 records');
      for (const partition of [0, 1, 2]) {
        const ofPartition = inbox.records.filter((record) => record.partition === partition);
        assert.deepEqual(
          ofPartition.map(({ offset }) => offset),
          Array.from({ length: 1000 }, (_, offset) => offset),
        );
        assert.deepEqual(
          ofPartition.map(numberOf),
          Array.from({ length: 1000 }, (_, index) => index * 3 + partition),
        );
      }
    }));

  test('subscribe: with fetchMaxWaitMs every record comes, the last few too, and the end of each partition is known', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const ends = new Map<number, number>();
      const allEnded = createDeferred();
      const { inbox } = await join(backend, {
        topic,
        fetchMaxWaitMs: 50,
        onCaughtUp({ partition, nextOffset }) {
          ends.set(partition, nextOffset);
          if ([0, 1, 2].every((number) => ends.get(number) === 1001)) allEnded.resolve();
        },
      });
      await harness.writeTopic(topic, writtenRecords(0, 3000, 3));
      await inbox.until(({ length }) => length >= 3000, '3,000 records');
      await harness.writeTopic(topic, writtenRecords(3000, 3003, 3));
      await inbox.until(({ length }) => length >= 3003, '3 records more');
      await allEnded.promise;
      assert.deepEqual(
        inbox.records.map(numberOf).sort((a, b) => a - b),
        Array.from({ length: 3003 }, (_, number) => number),
      );
    }));

  test('subscribe: with maxFetchBytes every record comes, a larger one too', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const { inbox } = await join(backend, { topic, maxFetchBytes: 1_024 });
      await harness.writeTopic(topic, writtenRecords(0, 300, 3));
      await backend.publish([{ topic, key: 'large', value: Buffer.alloc(100_000) }], { timeoutMs: 20_000 });
      await harness.writeTopic(topic, writtenRecords(300, 600, 3));
      await inbox.until(({ length }) => length >= 601, '601 records');
      assert.equal(inbox.records.filter(({ value }) => value?.length === 100_000).length, 1);
    }));

  test('subscribe: a call of onRecords has records of one partition, with what was written and when', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const startMs = Date.now();
      const records = [
        {
          topic,
          key: 'größe-°C',
          value: Buffer.from('{"温度": 21}'),
          headers: textHeaders({ kind: 'größe' }),
        },
      ];
      await backend.publish(records, { timeoutMs: 20_000 });
      await harness.writeTopic(topic, writtenRecords(0, 300, 3));
      const mixed: number[][] = [];
      const { inbox } = await join(backend, {
        topic,
        async onRecords(batch) {
          const partitions = [...new Set(batch.map(({ partition }) => partition))];
          if (partitions.length !== 1) mixed.push(partitions);
        },
      });
      await inbox.until(({ length }) => length >= 301, '301 records');
      assert.deepEqual(mixed, []);
      const record = inbox.records.find(({ key }) => String(key) === 'größe-°C');
      assert.equal(record?.topic, topic);
      assert.equal(String(record?.value), '{"温度": 21}');
      assert.deepEqual(record?.headers, textHeaders({ kind: 'größe' }));
      // The broker may have another clock.
      assert.ok(
        Math.abs((record?.timestampMs ?? 0) - startMs) < 24 * 60 * 60 * 1000,
        'the timestamp is in milliseconds',
      );
    }));

  test('subscribe: the next records of a partition wait for onRecords, and hold up no other partition', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 2 });
      const slow = createDeferred();
      let inFlight = 0;
      let mostInFlight = 0;
      let callsOfSlow = 0;
      const { inbox } = await join(backend, {
        topic,
        async onRecords([first]) {
          if (first?.partition !== 0) return;
          callsOfSlow++;
          mostInFlight = Math.max(mostInFlight, ++inFlight);
          await slow.promise;
          inFlight--;
        },
      });
      await harness.writeTopic(topic, writtenRecords(0, 2, 2));
      await inbox.until((records) => records.some(({ partition }) => partition === 0), 'the slow partition');
      for (let end = 200; end <= 1000; end += 200) {
        await harness.writeTopic(topic, writtenRecords(end === 200 ? 2 : end - 200, end, 2));
        await inbox.until(
          (records) => records.filter(({ partition }) => partition === 1).length >= end / 2,
          `${end / 2} records of the other partition while one is slow`,
        );
      }
      assert.equal(callsOfSlow, 1, 'one call for the slow partition');
      slow.resolve();
      await inbox.until(({ length }) => length >= 1000, 'the rest of the slow partition');
      assert.equal(mostInFlight, 1, 'one call at a time for a partition');
      assert.deepEqual(
        inbox.records.filter(({ partition }) => partition === 0).map(({ offset }) => offset),
        Array.from({ length: 500 }, (_, offset) => offset),
      );
    }));

  test('subscribe: records with any bytes, and with no value or key, come as they are', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const values = [
        null,
        Buffer.alloc(0),
        Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]),
        Buffer.from('[1]'),
        Buffer.from('after'),
      ];
      await harness.writeTopic(
        topic,
        values.map((value, index) =>
          index === 2 ? { partition: 0, value } : { partition: 0, key: 'device-1', value },
        ),
      );
      const { inbox } = await join(backend, { topic });
      await inbox.until(({ length }) => length >= values.length, 'all records');
      assert.deepEqual(
        inbox.records.map(({ value }) => value),
        values,
      );
      assert.deepEqual(
        inbox.records.map(({ key }) => key && String(key)),
        ['device-1', 'device-1', null, 'device-1', 'device-1'],
      );
    }));

  test('subscribe: headers come byte for byte, with null where the client tells it from nothing', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const none = backend.supports.headers === 'text' ? Buffer.alloc(0) : null;
      const lists: readonly RecordHeaders[] = [
        noHeaders,
        [['name', Buffer.from([0xff, 0x00, 0xfe, 0x00])]],
        [['', Buffer.from('größe')]],
        [['', Buffer.alloc(0)]],
        ['__proto__', 'constructor', 'toString'].map((name) => [name, Buffer.from(name)] as const),
        ['c', 'a', 'b'].map((letter) => ['name', Buffer.from(letter)] as const),
        [['name', null]],
        [
          ['name', Buffer.from('a')],
          ['name', null],
          ['name', Buffer.from('b')],
        ],
      ];
      await harness.writeTopic(
        topic,
        lists.map((headers) => ({ partition: 0, value: Buffer.from('{}'), headers })),
      );
      const { inbox } = await join(backend, { topic });
      await inbox.until(({ length }) => length >= lists.length, 'all records');
      assert.deepEqual(
        inbox.records.map(({ headers }) => headers),
        lists.map((headers) => headers.map(([name, value]) => [name, value ?? none])),
      );
      assert.equal(inbox.records[0]?.headers, noHeaders, 'no list of its own for a record without headers');
    }));

  test('subscribe: from the end, only what is written later comes', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      await harness.writeTopic(topic, writtenRecords(0, 10, 1));
      const assigned = createDeferred();
      const { inbox } = await join(backend, { topic, from: 'end', onOwnedChanged: assigned.resolve });
      await assigned.promise;
      // A member finds the end only some time after its assignment, so new records are written until one has come.
      let came = false;
      const firstCame = inbox
        .until(({ length }) => length > 0, 'a record written after the subscription')
        .finally(() => {
          came = true;
        });
      let next = 10;
      for (; !came; next++) await harness.writeTopic(topic, writtenRecords(next, next + 1, 1));
      await firstCame;
      await harness.writeTopic(topic, writtenRecords(next, next + 5, 1));
      await inbox.until(
        (records) => numberOf(records.at(-1) ?? { value: null }) === next + 4,
        'the last record',
      );
      const first = numberOf(inbox.records[0] ?? { value: null });
      assert.ok(first >= 10, `record ${first} was there before the subscription`);
      assert.deepEqual(
        inbox.records.map(numberOf),
        Array.from({ length: next + 5 - first }, (_, index) => first + index),
      );
    }));

  test('subscribe: several topics come through one subscription', () =>
    withBackend(harness, async (backend) => {
      const topics = [
        await harness.createTopic({ partitions: 1 }),
        await harness.createTopic({ partitions: 2 }),
      ] as const;
      await harness.writeTopic(topics[0], writtenRecords(0, 10, 1));
      await harness.writeTopic(topics[1], writtenRecords(0, 10, 2));
      const { inbox } = await join(backend, { topic: topics[0], topics });
      await inbox.until(({ length }) => length >= 20, '20 records');
      for (const topic of topics)
        assert.equal(inbox.records.filter((record) => record.topic === topic).length, 10);
    }));
}
