import { expect, test } from 'vitest';
import { compute, countTurns } from '../test/event-loop.js';
import { createDeadlines, settledWithin, startTimeLimit, withDeadline } from './index.js';

const count = 200;
const never = new Promise<never>(() => {});

/** Resolves with the turns of the event loop between the first and the last end, each of which has work to do. */
async function turnsBetween(start: (onEnd: () => void) => void): Promise<number> {
  using counted = countTurns();
  const { promise, resolve } = Promise.withResolvers<void>();
  const endedIn: number[] = [];
  for (let item = 0; item < count; item++) {
    start(() => {
      endedIn.push(counted.turns());
      compute(1);
      if (endedIn.length === count) resolve();
    });
  }
  await promise;
  return (endedIn.at(-1) ?? 0) - (endedIn[0] ?? 0);
}

test('the event loop goes on while time limits end that pass together', async () => {
  const turns = await turnsBetween((onEnd) => void startTimeLimit(5, []).within(never).then(onEnd));
  expect(turns).toBeGreaterThanOrEqual(5);
});

test('the event loop goes on while deadlines of promises end that pass together', async () => {
  expect(await turnsBetween((onEnd) => void settledWithin(never, 5).then(onEnd))).toBeGreaterThanOrEqual(5);
  const turns = await turnsBetween(
    (onEnd) => void withDeadline(never, { doing: 'wait', timeoutMs: 5 }).catch(onEnd),
  );
  expect(turns).toBeGreaterThanOrEqual(5);
});

test('the event loop goes on while deadlines of items end that pass together', async () => {
  const deadlines = createDeadlines<() => void>((onEnd) => void Promise.resolve().then(onEnd));
  expect(await turnsBetween((onEnd) => void deadlines.add(onEnd, 5))).toBeGreaterThanOrEqual(5);
});

test('an item that is removed while others end is not reported', async () => {
  const passed: number[] = [];
  const last = Promise.withResolvers<void>();
  const deadlines = createDeadlines<number>((item) => {
    passed.push(item);
    if (item === 0) deadlines.remove(count - 2, deadline);
    if (item === count - 1) last.resolve();
  });
  const all = Array.from({ length: count }, (_, item) => deadlines.add(item, 20));
  const deadline = all[count - 2] as (typeof all)[number];
  await last.promise;
  expect(passed).toHaveLength(count - 1);
  expect(passed).not.toContain(count - 2);
});
