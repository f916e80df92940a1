import { partitionForKey } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { createPartitionAcks } from './rdkafka-partition-acks.js';

const topic = 'commands';
const keys = Array.from({ length: 12 }, (_, index) => `device-${index}`);
const records = keys.map((key) => ({ topic, key, value: Buffer.from('on') }));
const positionsIn = (partition: number) =>
  keys.flatMap((key, position) => (partitionForKey(key, 2) === partition ? [position] : []));
const given = [positionsIn(0).length, positionsIn(1).length];

/** A snapshot that was made `atMs` after the client, with what each partition was given and has acknowledged. */
function statistics(atMs: number, ...partitions: [given: number, acknowledged: number][]): string {
  const entries = partitions.map(([msgs, acked_msgid], id) => [
    id,
    { msgs, acked_msgid, msgq_cnt: 0, unknown: false },
  ]);
  const unassigned = { '-1': { msgs: 0, acked_msgid: 0, msgq_cnt: 0, unknown: false } };
  const topics = { [topic]: { partitions: { ...Object.fromEntries(entries), ...unassigned } } };
  return JSON.stringify({ age: atMs * 1_000, topics });
}

const beforeMs = 0;
const later = () => performance.now() + 1;

function follow(before = statistics(beforeMs, [10, 10], [20, 20])) {
  const acks = createPartitionAcks(0, undefined);
  acks.note(before);
  const batch = acks.follow(records);
  batch.produced();
  return { acks, batch };
}

test('the records of a partition are settled when the numbers that they can have are acknowledged', () => {
  const { acks, batch } = follow();
  expect(positionsIn(0).length * positionsIn(1).length, 'both partitions have records').toBeGreaterThan(0);
  const [one = 0, other = 0] = given;
  acks.note(statistics(later(), [10 + one, 10 + one], [20 + other, 20]));
  expect(batch.takeSettled()).toEqual(positionsIn(0));
  expect(batch.takeSettled()).toEqual([]);
  acks.note(statistics(later(), [10 + one, 10 + one], [20 + other, 20 + other]));
  expect(batch.takeSettled()).toEqual(positionsIn(1));
});

test('under load, what is acknowledged is compared with what was given some time ago', () => {
  const { acks, batch } = follow();
  acks.note(statistics(later(), [100, 90], [200, 180]));
  expect(batch.takeSettled()).toEqual([]);
  acks.note(statistics(later(), [190, 100], [290, 199]));
  expect(batch.takeSettled()).toEqual(positionsIn(0));
});

test('statistics from before the last record was produced prove nothing', () => {
  const { acks, batch } = follow();
  acks.note(statistics(beforeMs, [10, 10], [20, 20]));
  expect(batch.takeSettled()).toEqual([]);
});

test('a topic whose partitions changed in the meantime, or were not known before, is not settled', () => {
  for (const before of [statistics(beforeMs, [10, 10]), JSON.stringify({ age: 0, topics: {} })]) {
    const { acks, batch } = follow(before);
    acks.note(statistics(later(), [20, 20], [20, 20]));
    expect(batch.takeSettled()).toEqual([]);
  }
});
