import { createMemoryBackend } from '@preservarium/backend-memory';
import { encodeCommand } from '@preservarium/core';
import { expect, onTestFinished, test } from 'vitest';
import { commandOf, letterRecord } from '../../test/dead-letter-records.js';
import { redrivenRecord } from '../redrive.js';
import { createDeadLetterTopic, type DeadLetterTopic } from './dead-letter-topic.js';
import type { EntrySummary } from './entry-summary.js';
import type { ListPageOptions } from './list-page.js';

const partitions = 3;
const value = encodeCommand(commandOf({}));
const options = { topic: 'dead', timeoutMs: 20_000, signal: new AbortController().signal };
const all: ListPageOptions = { isWanted: () => true, withSentAgain: false, max: 1_000 };

/** A topic with a dead letter per millisecond, in turn in each partition. */
async function topicWith(letterCount: number) {
  const backend = createMemoryBackend({ partitions });
  onTestFinished(() => backend.close({ timeoutMs: 1_000 }));
  let subscriptions = 0;
  const counted: typeof backend = {
    ...backend,
    subscribe: (given) => {
      subscriptions++;
      return backend.subscribe(given);
    },
  };
  async function write(first: number, count: number): Promise<void> {
    for (let start = first; start < first + count; start += 1_000) {
      const records = Array.from({ length: Math.min(1_000, first + count - start) }, (_, index) => ({
        ...letterRecord('dead', { diedAtMs: start + index, attempts: (start + index) % 1_000, value }),
        partition: (start + index) % partitions,
      }));
      for (const outcome of await backend.publish(records, options)) if (!outcome.ok) throw outcome.error;
    }
  }
  await backend.createTopic({ topic: 'dead', partitions });
  await write(0, letterCount);
  return {
    write,
    markSentAgain: (partition: number, offset: number) =>
      backend.publish([redrivenRecord({ topic: 'dead', partition, offset }, { key: 'd' })], options),
    topic: createDeadLetterTopic(counted, { ...options, commandTopic: 'device_commands' }),
    subscriptions: () => subscriptions,
  };
}

async function pagesOf(topic: DeadLetterTopic, given: Partial<ListPageOptions> = {}) {
  const pages: (readonly EntrySummary[])[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await topic.list({ ...all, ...given, cursor });
    pages.push(page.summaries);
    if (page.cursor === undefined) return pages;
    cursor = page.cursor;
  }
}

const times = (summaries: readonly EntrySummary[]) => summaries.map(({ diedAt }) => diedAt.getTime());
const downFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first - index);

test('pages have each dead letter once, the newest first, far beyond those that are kept', async () => {
  const { topic } = await topicWith(15_000);
  const pages = await pagesOf(topic);
  expect(times(pages.flat())).toEqual(downFrom(14_999, 15_000));
  expect(Math.max(...pages.map(({ length }) => length))).toBe(1_000);
});

test('what comes later changes no page behind a cursor', async () => {
  const { topic, write } = await topicWith(100);
  const first = await topic.list({ ...all, max: 10 });
  await write(100, 50);
  const second = await topic.list({ ...all, max: 10, cursor: first.cursor });
  expect(times([...first.summaries, ...second.summaries])).toEqual(downFrom(99, 20));
  expect(times((await topic.list({ ...all, max: 1 })).summaries)).toEqual([149]);
});

test('only what is new is read again', async () => {
  const { topic, write, subscriptions } = await topicWith(100);
  await Promise.all([topic.list(all), topic.list(all)]);
  await topic.list({ ...all, max: 10 });
  expect(subscriptions()).toBe(1);
  await write(100, 1);
  expect(times((await topic.list(all)).summaries)).toEqual(downFrom(100, 101));
  expect(subscriptions()).toBe(2);
});

test('a dead letter that was sent again is left out, or marked, also where it is an old one', async () => {
  const { topic, markSentAgain } = await topicWith(12_000);
  await topic.list(all);
  await markSentAgain(0, 0);
  await markSentAgain(2, 3_999);
  // A partition that the topic does not have.
  await markSentAgain(7, 1);
  const withoutThem = (await pagesOf(topic)).flat();
  expect(withoutThem).toHaveLength(11_998);
  const marked = (await pagesOf(topic, { withSentAgain: true })).flat().filter(({ sentAgain }) => sentAgain);
  expect(marked.map(({ partition, offset }) => [partition, offset])).toEqual([
    [2, 3_999],
    [0, 0],
  ]);
});

test('a page on which few are wanted is short, and its cursor leads on', { timeout: 120_000 }, async () => {
  const { topic, subscriptions } = await topicWith(70_000);
  await topic.list(all);
  const before = subscriptions();
  const isWanted = ({ attempts, diedAt }: EntrySummary) => attempts === 7 && diedAt.getTime() < 10_000;
  const first = await topic.list({ ...all, isWanted });
  expect(first).toEqual({ summaries: [], cursor: expect.any(String) });
  expect(subscriptions() - before).toBeLessThanOrEqual(5);
  expect(times((await pagesOf(topic, { isWanted })).flat())).toEqual(
    downFrom(9, 10).map((index) => index * 1_000 + 7),
  );
});

test.each(['', 'x', '0:1,', '0:1,0:2', '-1:2', '0:1e3'])('the cursor %j is refused', async (cursor) => {
  const { topic } = await topicWith(3);
  await expect(topic.list({ ...all, cursor })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [{ path: 'cursor' }],
  });
});

test('a cursor of partitions and offsets that the topic does not have is that of what it has', async () => {
  const { topic } = await topicWith(3);
  expect(times((await topic.list({ ...all, cursor: '0:99,9:9' })).summaries)).toEqual([0]);
});

test('a topic that does not exist has no dead letters', async () => {
  const backend = createMemoryBackend({ autoCreateTopics: false });
  onTestFinished(() => backend.close({ timeoutMs: 1_000 }));
  const topic = createDeadLetterTopic(backend, { ...options, commandTopic: 'device_commands' });
  expect(await topic.list(all)).toEqual({ summaries: [], cursor: undefined });
});
