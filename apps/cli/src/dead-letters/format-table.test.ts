import { expect, test } from 'vitest';
import { formatTable } from './format-table.js';

const rows = [
  ['PLACE', 'WHY'],
  ['0:1', 'no answer'],
];

test('columns are as wide as their widest cell', () => {
  expect(formatTable(rows, Number.POSITIVE_INFINITY)).toEqual(['PLACE  WHY', '0:1    no answer']);
});

test('lines are cut at the width of the terminal', () => {
  expect(formatTable(rows, 10)).toEqual(['PLACE  WHY', '0:1    no…']);
});
