import { expect, test } from 'vitest';
import { lagOf } from './lag.js';

const offsets = (committedOffset: number | undefined) => [
  { partition: 3, committedOffset, startOffset: 10, endOffset: 50 },
];

test.each([
  ['what is not committed', 45, 5],
  ['nothing where all is', 50, 0],
  ['what is still there of what is not committed', 2, 40],
  ['all that is there where nothing is committed', undefined, 40],
  ['all that is there where the topic was created anew', 51, 40],
] as const)('%s', (_, committed, records) => {
  expect(lagOf([3], offsets(committed))).toEqual([{ partition: 3, records }]);
});

test('other partitions are those of other connectors', () => {
  expect(lagOf([1], offsets(45))).toEqual([]);
});
