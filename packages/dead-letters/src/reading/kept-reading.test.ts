import { createMemoryBackend } from '@preservarium/backend-memory';
import { expect, onTestFinished, test } from 'vitest';
import { letterRecord } from '../../test/dead-letter-records.js';
import { keepReading } from './kept-reading.js';

const options = { topic: 'dead', timeoutMs: 10_000, signal: new AbortController().signal };

test('the topic is read again only after it has changed', async () => {
  const backend = createMemoryBackend({ partitions: 2 });
  onTestFinished(() => backend.close({ timeoutMs: 1_000 }));
  let subscriptions = 0;
  const counted: typeof backend = {
    ...backend,
    subscribe: (given) => {
      subscriptions++;
      return backend.subscribe(given);
    },
  };
  const read = keepReading(counted, options);
  const attempts = async () => {
    const found: number[] = [];
    await (await read())?.forEach(({ letter }) => void found.push(letter.attempts));
    return found;
  };
  const write = (count: number) => backend.publish([letterRecord('dead', { attempts: count })], options);
  await write(1);
  expect(await Promise.all([attempts(), attempts()])).toEqual([[1], [1]]);
  expect(await attempts()).toEqual([1]);
  expect(subscriptions).toBe(1);
  await write(2);
  expect(await attempts()).toEqual([1, 2]);
  expect(subscriptions).toBe(2);
});
