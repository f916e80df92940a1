import assert from 'node:assert/strict';
import type { ConformanceSuite } from './harness.js';
import { longerTimeout } from './longer-timeout.js';
import { numberOf } from './numbered-records.js';
import { join, newGroupId } from './subscriber/member.js';
import { writtenRecords } from './subscriber/written-records.js';
import { until } from './until.js';
import { withBackend } from './with-backend.js';

export interface CodecSuite extends ConformanceSuite {
  /** Changes the configuration of a topic. */
  configureTopic(topic: string, config: Readonly<Record<string, string>>): Promise<void>;
}

const kafkaCodecs = ['gzip', 'snappy', 'lz4', 'zstd'];
const noticedWithinMs = 40_000;

/** Defines tests of what a subscriber does with records that the brokers keep compressed. */
export function codecConformance({ test: anyTest, harness, configureTopic }: CodecSuite): void {
  const test = longerTimeout(anyTest, 120_000);
  const backend = harness.create();
  const { codecs } = backend.supports;
  void backend.close({ timeoutMs: 0 });

  for (const codec of codecs) {
    test(`codecs: records compressed with ${codec} are read`, () =>
      withBackend(harness, async (backend) => {
        const config = { 'compression.type': codec };
        const topic = await harness.createTopic({ partitions: 1, config });
        await harness.writeTopic(topic, writtenRecords(0, 5, 1));
        const { inbox, subscription } = await join(backend, { topic });
        await inbox.until(({ length }) => length >= 5, '5 records');
        assert.deepEqual(inbox.records.map(numberOf), [0, 1, 2, 3, 4]);
        assert.deepEqual(subscription.blocked(), []);
      }));
  }

  for (const codec of kafkaCodecs.filter((codec) => !codecs.includes(codec))) {
    test(`codecs: a partition compressed with ${codec} is named as blocked, and the others go on`, () =>
      withBackend(harness, async (backend) => {
        const good = await harness.createTopic({ partitions: 1 });
        const topic = await harness.createTopic({ partitions: 1 });
        await harness.writeTopic(topic, writtenRecords(0, 3, 1));
        await configureTopic(topic, { 'compression.type': codec });
        await harness.writeTopic(topic, writtenRecords(3, 6, 1));
        const groupId = newGroupId();
        const { inbox, subscription } = await join(backend, { topic, topics: [good, topic], groupId });
        await inbox.until(({ length }) => length >= 3, 'the records before those that cannot be read');
        const isBlocked = () => subscription.blocked().length > 0;
        await until(isBlocked, noticedWithinMs, 'the partition is named as blocked');
        assert.deepEqual(
          subscription.blocked().map((blocked) => ({ ...blocked })),
          [{ topic, partition: 0, offset: 3, codec }],
        );
        await harness.writeTopic(good, writtenRecords(6, 9, 1));
        await inbox.until(({ length }) => length >= 6, 'the records of the other topic');
        assert.deepEqual(inbox.records.map(numberOf), [0, 1, 2, 6, 7, 8]);
        await configureTopic(topic, { 'compression.type': 'producer' });
        await harness.writeTopic(topic, writtenRecords(9, 10, 1));
        await harness.deleteRecords(topic, 0, 6);
        await inbox.until(({ length }) => length >= 7, 'the record after those that are gone');
        await until(() => !isBlocked(), noticedWithinMs, 'the partition is no longer blocked');
      }));
  }
}
