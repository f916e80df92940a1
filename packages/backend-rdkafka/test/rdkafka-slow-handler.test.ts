import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTestTopic, startKafka } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const kafka = await startKafka();
afterAll(() => kafka.stop());

test('partitions that are paused for a slow handler lose and repeat nothing', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 3 });
  const count = 60_000;
  const backend = createRdkafkaBackend(kafka.settings);
  try {
    for (let start = 0; start < count; start += 10_000) {
      const records = Array.from({ length: 10_000 }, (_, index) => ({
        topic,
        key: `device-${(start + index) % 100}`,
        value: Buffer.from(`${start + index} `.padEnd(300)),
      }));
      await backend.publish(records, { timeoutMs: 30_000 });
    }
    const offsets: number[][] = [[], [], []];
    const allCame = Promise.withResolvers<void>();
    let handled = 0;
    let mostAtOnce = 0;
    const subscription = await backend.subscribe({
      topics: [topic],
      groupId: topic,
      from: 'beginning',
      async onRecords(records) {
        mostAtOnce = Math.max(mostAtOnce, records.length);
        for (const { partition, offset } of records) {
          offsets[partition]?.push(offset);
          if (offset % 10 === 0) await nextTurn();
        }
        handled += records.length;
        if (handled === count) allCame.resolve();
      },
    });
    await Promise.race([allCame.promise, subscription.closed]);
    for (const ofPartition of offsets) {
      expect(ofPartition).toEqual(Array.from({ length: ofPartition.length }, (_, offset) => offset));
    }
    expect(offsets.flat()).toHaveLength(count);
    // Two polls of 1,000 records at the most: the rest waits with the client, whose memory is bounded.
    expect(mostAtOnce).toBeLessThanOrEqual(2000);
  } finally {
    await backend.close({ timeoutMs: 10_000 });
  }
});
