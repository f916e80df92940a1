import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';
import { exchange } from './http-exchange.js';

/** Answers each request at once. */
function dispatcherOf(body: Buffer): Dispatcher {
  async function* chunks() {
    yield body;
  }
  return { request: async () => ({ statusCode: 200, headers: {}, body: chunks() }) } as unknown as Dispatcher;
}

/** Returns the turns of the event loop in which so many answers that come together are there. */
async function turnsOfAnswers(body: Buffer, count: number): Promise<number[]> {
  const dispatcher = dispatcherOf(body);
  let turn = 0;
  let isCounting = true;
  (function next() {
    setImmediate(() => {
      turn += 1;
      if (isCounting) next();
    });
  })();
  const request = { origin: 'http://d', method: 'GET', path: '/', headers: {}, body: Buffer.alloc(0) };
  const options = { signal: new AbortController().signal, onAnswering() {} };
  const turns = await Promise.all(
    Array.from({ length: count }, async () => {
      expect((await exchange(dispatcher, request, options)).body).toEqual(body);
      return turn;
    }),
  );
  isCounting = false;
  return turns;
}

test('large answers that come together are given one in a turn of the event loop: each takes long to parse', async () => {
  expect(new Set(await turnsOfAnswers(Buffer.alloc(60_000, ' '), 5)).size).toBe(5);
});

test('small answers are not held up', async () => {
  expect(new Set(await turnsOfAnswers(Buffer.from('{}'), 5)).size).toBe(1);
});
