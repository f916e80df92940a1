import { partitionForKey } from '@preservarium/backend';
import type { ConformanceSuite } from '../harness.js';
import { assertAllAcknowledged, assertCompleteAndInOrder, numberedRecords } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';

const timeoutMs = 30_000;

export function orderTests({ test, harness }: ConformanceSuite): void {
  test('order: thousands of concurrent calls are each answered, and each key keeps the order of its calls', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 6 });
      const calls = numberedRecords(topic, 5000, { keys: 50 }).map((record) =>
        backend.publish([record], { timeoutMs }),
      );
      assertAllAcknowledged((await Promise.all(calls)).flat(), 5000);
      assertCompleteAndInOrder(await harness.readTopic(topic), 5000);
    }));

  test('order: each key keeps the order of the records in a call', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 6 });
      const outcomes = await backend.publish(numberedRecords(topic, 5000, { keys: 50 }), { timeoutMs });
      assertAllAcknowledged(outcomes, 5000);
      assertCompleteAndInOrder(await harness.readTopic(topic), 5000);
    }));

  test('order: each key keeps its order, whether or not the records name its partition', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const records = numberedRecords(topic, 3000).map((record, number) =>
        number % 2 === 0 ? record : { ...record, partition: partitionForKey(record.key, 3) },
      );
      const calls = [
        backend.publish(records.slice(0, 1500), { timeoutMs }),
        ...records.slice(1500).map((record) => backend.publish([record], { timeoutMs })),
      ];
      assertAllAcknowledged((await Promise.all(calls)).flat(), 3000);
      assertCompleteAndInOrder(await harness.readTopic(topic), 3000);
    }));

  test('order: each key keeps its order across concurrent large and small calls', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const records = numberedRecords(topic, 3000);
      const calls: Promise<unknown>[] = [];
      for (let start = 0, size = 1; start < records.length; start += size, size = (size * 7) % 401) {
        const call = records.slice(start, start + size);
        calls.push(
          backend
            .publish(call, { timeoutMs })
            .then((outcomes) => assertAllAcknowledged(outcomes, call.length)),
        );
      }
      await Promise.all(calls);
      assertCompleteAndInOrder(await harness.readTopic(topic), 3000);
    }));

  test('order: a small queue delays, loses nothing and keeps the order', () =>
    withBackend(
      harness,
      async (backend) => {
        const topic = await harness.createTopic({ partitions: 3 });
        const records = numberedRecords(topic, 2000, { valueBytes: 300 });
        const calls = records.map((record) => backend.publish([record], { timeoutMs }));
        assertAllAcknowledged((await Promise.all(calls)).flat(), 2000);
        assertCompleteAndInOrder(await harness.readTopic(topic), 2000);
      },
      { maxQueuedBytes: 20_000 },
    ));
}
