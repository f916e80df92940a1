import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { noHeaders, textHeaders } from '@preservarium/backend';
import type { ConformanceSuite } from '../harness.js';
import { assertAllAcknowledged, assertCompleteAndInOrder, numberedRecords } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';

const timeoutMs = 20_000;

export function acknowledgementTests({ test, harness }: ConformanceSuite): void {
  test('publish: no records give no outcomes', () =>
    withBackend(harness, async (backend) => {
      assert.deepEqual(await backend.publish([], { timeoutMs }), []);
    }));

  test('publish: each record has one outcome, in the order of the records', () =>
    withBackend(harness, async (backend) => {
      const topics = await Promise.all([1, 2, 3].map((partitions) => harness.createTopic({ partitions })));
      const records = topics
        .flatMap((topic) => numberedRecords(topic, 50))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      const outcomes = await backend.publish(records, { timeoutMs });
      assertAllAcknowledged(outcomes, 150);
      assert.deepEqual(
        outcomes.map((outcome) => outcome.ok && outcome.receipt.topic),
        records.map(({ topic }) => topic),
      );
    }));

  test('publish: what is acknowledged can be read at once', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const records = numberedRecords(topic, 500);
      for (let end = 100; end <= records.length; end += 100) {
        assertAllAcknowledged(await backend.publish(records.slice(end - 100, end), { timeoutMs }), 100);
        assertCompleteAndInOrder(await harness.readTopic(topic), end);
      }
    }));

  test('publish: key, value and headers arrive as they were sent', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const sent = [
        {
          topic,
          key: 'größe-°C',
          value: Buffer.from('{"温度": "21 °C"}'),
          headers: textHeaders({ 'content-type': 'application/json', überschrift: 'größe 🌡' }),
        },
        {
          topic,
          key: 'bytes',
          value: Buffer.from([0, 255, 254, 0, 10, 13]),
          headers: textHeaders({ empty: '' }),
        },
        { topic, key: 'empty', value: Buffer.alloc(0) },
      ];
      assertAllAcknowledged(await backend.publish(sent, { timeoutMs }), sent.length);
      // Records of different keys have no order among them.
      const read = new Map((await harness.readTopic(topic)).map((record) => [String(record.key), record]));
      assert.equal(read.size, sent.length);
      for (const { key, value, headers = noHeaders } of sent) {
        const record = read.get(key);
        assert.deepEqual(record?.value, value);
        assert.deepEqual(record?.headers, headers);
      }
    }));

  test('publish: a value of 1,000,000 bytes arrives', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const value = randomBytes(1_000_000);
      assertAllAcknowledged(await backend.publish([{ topic, key: 'device-1', value }], { timeoutMs }), 1);
      const [read] = await harness.readTopic(topic);
      assert.ok(read?.value?.equals(value), 'the value is what was sent');
    }));

  test('publish: what is compressed with gzip can be read by others', () =>
    withBackend(
      harness,
      async (backend) => {
        const topic = await harness.createTopic({ partitions: 2 });
        assertAllAcknowledged(await backend.publish(numberedRecords(topic, 300), { timeoutMs }), 300);
        assertCompleteAndInOrder(await harness.readTopic(topic), 300);
      },
      { compression: 'gzip' },
    ));

  test('publish: receipts say where a record is, where supports.offsets says so', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const records = numberedRecords(topic, 200);
      const calls = [records.slice(0, 150), ...records.slice(150).map((record) => [record])];
      const outcomes = (await Promise.all(calls.map((call) => backend.publish(call, { timeoutMs })))).flat();
      assertAllAcknowledged(outcomes, records.length);
      const places = new Map(
        (await harness.readTopic(topic)).map(({ partition, offset, value }) => [
          String(value),
          { partition, offset },
        ]),
      );
      outcomes.forEach((outcome, index) => {
        if (!outcome.ok) return;
        const { partition, offset } = outcome.receipt;
        const place = backend.supports.offsets
          ? places.get(String(records[index]?.value))
          : { partition: undefined, offset: undefined };
        assert.deepEqual({ partition, offset }, place);
      });
    }));
}
