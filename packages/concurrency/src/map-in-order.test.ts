import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapInOrder } from './map-in-order.js';

async function* numbers(count: number, failure?: Error): AsyncGenerator<number, void> {
  for (let number = 0; number < count; number++) yield number;
  if (failure !== undefined) throw failure;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test('results come in the order of the items, with no more than so many in flight', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.nat({ max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      async (scheduler, count, maxInFlight) => {
        const called: number[] = [];
        let inFlight = 0;
        const map = async (number: number) => {
          called.push(number);
          inFlight++;
          expect(inFlight).toBeLessThanOrEqual(maxInFlight);
          await scheduler.schedule(Promise.resolve());
          inFlight--;
          return number * 2;
        };
        const results = await scheduler.waitFor(collect(mapInOrder(numbers(count), map, { maxInFlight })));
        expect(called).toEqual(Array.from({ length: count }, (_, index) => index));
        expect(results).toEqual(called.map((number) => number * 2));
      },
    ),
  );
});

test('results before a failure of the source come first', async () => {
  const failure = new Error('source');
  const results = mapInOrder(numbers(3, failure), async (number) => number, { maxInFlight: 2 });
  for (const value of [0, 1, 2]) expect(await results.next()).toEqual({ done: false, value });
  await expect(results.next()).rejects.toBe(failure);
});

test('a failure of one item ends it, and closes the source', async () => {
  let isClosed = false;
  async function* source() {
    try {
      yield* numbers(10);
    } finally {
      isClosed = true;
    }
  }
  const failure = new Error('item');
  const map = async (number: number) => {
    if (number === 1) throw failure;
    return number;
  };
  const results = mapInOrder(source(), map, { maxInFlight: 3 });
  expect((await results.next()).value).toBe(0);
  await expect(results.next()).rejects.toBe(failure);
  await expect.poll(() => isClosed).toBe(true);
});
