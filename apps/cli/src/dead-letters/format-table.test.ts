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

test('a cell of any length widens its own line alone', () => {
  const long = 'k'.repeat(100_000);
  const lines = formatTable([...rows, [long, 'no answer']], Number.POSITIVE_INFINITY);
  expect(lines.at(-1)).toBe(`${long}  no answer`);
  expect(Math.max(...lines.slice(0, -1).map((line) => line.length))).toBeLessThan(200);
});
