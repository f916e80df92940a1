import assert from 'node:assert/strict';
import { type Partitioner, partitionForKey } from '@preservarium/backend';
import type { ConformanceSuite } from '../harness.js';
import { assertAllAcknowledged } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';

const timeoutMs = 20_000;
const partitions = 7;

/** `21` and `foobar` have negative murmur2 hashes. */
const keys = [
  '21',
  'foobar',
  'größe-°C',
  '温度-1',
  '🌡',
  'a',
  ...Array.from({ length: 100 }, (_, i) => `device-${i}`),
];

export function partitioningTests({ test, harness }: ConformanceSuite): void {
  const check = async (partitioner: Partitioner | undefined) =>
    withBackend(
      harness,
      async (backend) => {
        const topic = await harness.createTopic({ partitions });
        const records = keys.map((key) => ({ topic, key, value: Buffer.from(key) }));
        assertAllAcknowledged(await backend.publish(records, { timeoutMs }), keys.length);
        const found = new Map(
          (await harness.readTopic(topic)).map(({ key, partition }) => [String(key), partition]),
        );
        for (const key of keys) {
          assert.equal(
            found.get(key),
            partitionForKey(key, partitions, partitioner),
            `partition of the key ${key}`,
          );
        }
      },
      partitioner && { partitioner },
    );

  test('partitions: a record goes to the partition that it names, whatever its key', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions });
      const records = keys.flatMap((key, index) => [
        { topic, key, value: Buffer.from(`${key} by its key`) },
        { topic, key, partition: index % partitions, value: Buffer.from(`${key} named`) },
      ]);
      assertAllAcknowledged(await backend.publish(records, { timeoutMs }), records.length);
      const found = new Map(
        (await harness.readTopic(topic)).map(({ value, partition }) => [String(value), partition]),
      );
      for (const { key, partition, value } of records) {
        assert.equal(found.get(String(value)), partition ?? partitionForKey(key, partitions), String(value));
      }
    }));

  test("partitions: a key goes where Java's client puts it, unless told otherwise", () => check(undefined));
  test('partitions: a key goes where librdkafka puts it, with the crc32 partitioner', () => check('crc32'));
}
