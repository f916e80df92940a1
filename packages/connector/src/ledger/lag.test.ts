import { expect, test } from 'vitest';
import { lagOf } from './lag.js';

const offsets = (committedOffset: number | undefined) => [
  { partition: 3, committedOffset, startOffset: 10, endOffset: 50 },
];

test.each([
  ['what is not committed', 45, 'end', 5],
  ['nothing where all is', 50, 'end', 0],
  ['what is still there of what is not committed', 2, 'end', 40],
  ['nothing of what was there before the group began at the end', undefined, 'end', 0],
  ['all that is there for a group that begins at the beginning', undefined, 'beginning', 40],
] as const)('%s', (_, committed, from, records) => {
  expect(lagOf([3], offsets(committed), from)).toEqual([{ partition: 3, records }]);
});

test('other partitions are those of other connectors', () => {
  expect(lagOf([1], offsets(45), 'end')).toEqual([]);
});
