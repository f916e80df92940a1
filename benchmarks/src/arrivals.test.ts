import { expect, test } from 'vitest';
import { createArrivals } from './arrivals.js';

function tallyOf(...arrivals: readonly (readonly [deviceId: string, sequence: number])[]) {
  const counted = createArrivals();
  for (const [deviceId, sequence] of arrivals) counted.note({ deviceId, sequence, atMs: 7 });
  return counted.tally();
}

test('commands that come once and in order', () => {
  expect(tallyOf(['a', 0], ['b', 4], ['a', 1], ['b', 5])).toEqual({
    different: 4,
    repeated: 0,
    outOfOrder: 0,
    lastArrivalAtMs: 7,
  });
});

test('a command that comes again is a repeat, and not out of order', () => {
  expect(tallyOf(['a', 0], ['a', 1], ['a', 0], ['a', 1])).toMatchObject({
    different: 2,
    repeated: 2,
    outOfOrder: 0,
  });
});

test('each command that comes after a later one of its device is out of order', () => {
  expect(tallyOf(['a', 2], ['a', 0], ['b', 0], ['a', 1], ['a', 3])).toMatchObject({
    different: 5,
    repeated: 0,
    outOfOrder: 2,
  });
});
