import { expect, test } from 'vitest';
import { flattenChunks } from './flatten-chunks.js';

async function* chunks(onReturn = () => {}): AsyncGenerator<readonly number[], void> {
  try {
    yield [1, 2];
    yield [];
    yield [3];
  } finally {
    onReturn();
  }
}

test('gives the items of all chunks in order, and then ends', async () => {
  const items: number[] = [];
  for await (const item of flattenChunks(chunks())) items.push(item);
  expect(items).toEqual([1, 2, 3]);
});

test('calls made side by side are answered in their order', async () => {
  const items = flattenChunks(chunks());
  const results = await Promise.all(Array.from({ length: 5 }, () => items.next()));
  expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined, undefined]);
});

test('leaving the loop ends the chunks, and nothing comes after', async () => {
  let returned = 0;
  const items = flattenChunks(chunks(() => returned++));
  for await (const item of items) if (item === 1) break;
  expect(returned).toBe(1);
  expect(await items.next()).toEqual({ done: true, value: undefined });
});

test('an error comes after the items before it', async () => {
  async function* failing(): AsyncGenerator<readonly number[], void> {
    yield [1];
    throw new Error('the source broke');
  }
  const items = flattenChunks(failing());
  expect(await items.next()).toEqual({ done: false, value: 1 });
  await expect(items.next()).rejects.toThrow('the source broke');
});
