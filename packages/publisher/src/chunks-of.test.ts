import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { collect } from '../test/collect.js';
import { chunksOf } from './chunks-of.js';

async function* asynchronously<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

function* numbersThenThrow(count: number, error: Error): Generator<number> {
  for (let number = 0; number < count; number++) yield number;
  throw error;
}

describe.each([
  ['a synchronous source', <Item>(items: Iterable<Item>): Iterable<Item> | AsyncIterable<Item> => items],
  ['an asynchronous source', asynchronously],
])('%s', (_, sourceOf) => {
  test.each([
    [0, []],
    [1, [[0]]],
    [3, [[0, 1, 2]]],
    [4, [[0, 1, 2], [3]]],
    [
      6,
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
    ],
  ])('of %i items is cut into chunks of 3', async (count, chunks) => {
    const source = sourceOf(Array.from({ length: count }, (_, index) => index));
    expect(await collect(chunksOf(source, 3))).toStrictEqual({ items: chunks });
  });

  test('that throws gives what came before, then the error', async () => {
    const error = new Error('the file ended early');
    expect(await collect(chunksOf(sourceOf(numbersThenThrow(4, error)), 3))).toStrictEqual({
      items: [[0, 1, 2], [3]],
      error,
    });
  });

  test('is closed when the loop is left', async () => {
    let closed = false;
    function* endless() {
      try {
        for (let number = 0; ; number++) yield number;
      } finally {
        closed = true;
      }
    }
    for await (const chunk of chunksOf(sourceOf(endless()), 2)) {
      expect(chunk).toStrictEqual([0, 1]);
      break;
    }
    expect(closed).toBe(true);
  });

  test('does not keep the event loop from its other work', async () => {
    let turned = false;
    nextTurn().then(() => {
      turned = true;
    });
    const long = sourceOf(Array.from({ length: 100_000 }, (_, index) => index));
    for await (const _ of chunksOf(long, 10)) if (turned) break;
    expect(turned).toBe(true);
  });
});

test('a source that pauses does not hold back what it gave before', async () => {
  const pause = Promise.withResolvers<void>();
  async function* pausing() {
    yield 1;
    yield 2;
    await pause.promise;
    yield 3;
  }
  const chunks = chunksOf(pausing(), 100);
  expect(await chunks.next()).toStrictEqual({ done: false, value: [1, 2] });
  const next = chunks.next();
  pause.resolve();
  expect(await next).toStrictEqual({ done: false, value: [3] });
  expect(await chunks.next()).toStrictEqual({ done: true, value: undefined });
});
