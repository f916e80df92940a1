import type {
  PartitionOffsets,
  ProcessedPosition,
  SubscribeOptions,
  TopicPartition,
} from '@preservarium/backend';
import { silentLogger } from '@preservarium/backend';
import { AuthorizationError, BackendUnavailableError } from '@preservarium/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startPositions } from './start-positions.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const topic = 'commands';

/** A topic of three partitions with the records 10 to 49 each, of which record 30 is an hour old, and a group. */
function createTopic() {
  const committed = new Map<number, number>();
  const commits: (readonly ProcessedPosition[])[] = [];
  const failures: Error[] = [];
  const errors: unknown[] = [];
  const times: number[] = [];

  async function offsets(): Promise<readonly PartitionOffsets[]> {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return [0, 1, 2].map((partition) => ({
      partition,
      committedOffset: committed.get(partition),
      startOffset: 10,
      endOffset: 50,
    }));
  }

  function start(
    partitions: readonly number[],
    from: SubscribeOptions['from'],
    options: Pick<SubscribeOptions, 'fromByTopic' | 'resumeFrom'> = {},
  ) {
    return startPositions({
      wasRead: () => false,
      subscribe: { groupId: 'group', from, ...options },
      assigned: partitions.map((partition): TopicPartition => ({ topic, partition })),
      reader: {
        offsets,
        async offsetsForTime(_, timestampMs) {
          times.push(timestampMs);
          return new Map([0, 1].map((partition) => [partition, 30]));
        },
      },
      logger: { ...silentLogger, error: (fields, message) => errors.push({ ...fields, message }) },
      async commit(positions) {
        commits.push(positions);
        for (const { partition, nextOffset } of positions) committed.set(partition, nextOffset);
      },
      isStale: () => false,
    });
  }

  return { committed, commits, failures, errors, times, start };
}

const at = (partition: number, nextOffset: number) => ({ topic, partition, nextOffset });

test('of a new group, the member with partition 0 commits the start of all partitions in one request', async () => {
  const { start, commits } = createTopic();
  expect(await start([0, 1], 'end')).toMatchObject([
    { ...at(0, 50), isFirstStart: true, skippedRecords: 40 },
    { ...at(1, 50), isFirstStart: true, skippedRecords: 40 },
  ]);
  expect(commits).toEqual([[at(0, 50), at(1, 50), at(2, 50)]]);
});

test('an application that knows records reads on behind them, within the topic', async () => {
  const { start, committed, commits } = createTopic();
  for (const partition of [0, 1, 2]) committed.set(partition, 20);
  const resumeFrom = ({ partition }: TopicPartition) => [49, 50, 19][partition];
  expect(await start([0, 1, 2], 'end', { resumeFrom })).toMatchObject([
    { ...at(0, 20), readFrom: 49 },
    { ...at(1, 20), readFrom: 20 },
    { ...at(2, 20), readFrom: 20 },
  ]);
  expect(commits).toEqual([]);
});

test('the other members wait for that, and commit nothing', async () => {
  const { start, commits } = createTopic();
  const other = start([2], 'end');
  await vi.advanceTimersByTimeAsync(1_000);
  await start([0, 1], 'end');
  await vi.advanceTimersByTimeAsync(100);
  expect(await other).toMatchObject([{ ...at(2, 50), isFirstStart: true, skippedRecords: 40 }]);
  expect(commits).toHaveLength(1);
});

test('where nobody commits a start within 5 s, a member commits its own', async () => {
  const { start, commits } = createTopic();
  const other = start([2], 'end');
  await vi.advanceTimersByTimeAsync(5_100);
  expect(await other).toMatchObject([at(2, 50)]);
  expect(commits).toEqual([[at(2, 50)]]);
});

test('lastMs starts at the first record that is young enough, or at the end', async () => {
  const { start, times } = createTopic();
  vi.setSystemTime(5_000_000);
  expect(await start([0, 1, 2], { lastMs: 3_600_000 })).toMatchObject([at(0, 30), at(1, 30), at(2, 50)]);
  expect(times).toEqual([1_400_000]);
});

test('a topic may have a start of its own', async () => {
  const { start } = createTopic();
  const starts = await start([0], 'end', { fromByTopic: { [topic]: 'beginning' } });
  expect(starts).toMatchObject([{ ...at(0, 10), skippedRecords: 0 }]);
});

test('a group that goes on commits nothing', async () => {
  const { start, committed, commits, errors } = createTopic();
  for (const partition of [0, 1, 2]) committed.set(partition, 20 + partition);
  expect(await start([1, 2], 'end')).toEqual([
    { ...at(1, 21), readFrom: 21, isNewTopic: false, isFirstStart: false, skippedRecords: 0, lostRecords: 0 },
    { ...at(2, 22), readFrom: 22, isNewTopic: false, isFirstStart: false, skippedRecords: 0, lostRecords: 0 },
  ]);
  expect(commits).toEqual([]);
  expect(errors).toEqual([]);
});

test('a partition that was added starts at its beginning, which is committed', async () => {
  const { start, committed, commits } = createTopic();
  for (const partition of [0, 1]) committed.set(partition, 20);
  expect(await start([2], 'end')).toMatchObject([{ ...at(2, 10), isFirstStart: true, skippedRecords: 0 }]);
  expect(commits).toEqual([[at(2, 10)]]);
});

test('an offset that the topic does not have becomes the oldest one, is committed, and the loss is logged', async () => {
  const { start, committed, commits, errors } = createTopic();
  committed.set(0, 3).set(1, 51).set(2, 20);
  expect(await start([0, 1, 2], 'end')).toMatchObject([
    { ...at(0, 10), lostRecords: 7 },
    { ...at(1, 10), lostRecords: 0 },
    { ...at(2, 20), lostRecords: 0 },
  ]);
  expect(commits).toEqual([[at(0, 10), at(1, 10)]]);
  expect(errors).toMatchObject([
    { partition: 0, committedOffset: 3, lostRecords: 7, message: expect.stringContaining('7 records') },
    { partition: 1, committedOffset: 51, message: expect.stringContaining('created anew') },
  ]);
});

test('a failure that may pass is tried again; one that does not rejects', async () => {
  const { start, failures } = createTopic();
  failures.push(new BackendUnavailableError('moving'));
  const starting = start([0], 'end');
  await vi.advanceTimersByTimeAsync(100);
  expect(await starting).toMatchObject([at(0, 50)]);
  failures.push(new AuthorizationError('forbidden'));
  await expect(start([0], 'end')).rejects.toMatchObject({ code: 'AUTHORIZATION_FAILED' });
});
