import { stripVTControlCharacters, styleText } from 'node:util';
import { expect, test } from 'vitest';
import { renderTable } from './table.js';

test('columns are as wide as what is seen in them, numbers to the right', () => {
  const green = styleText('green', 'ok', { validateStream: false });
  const five = styleText('green', '5', { validateStream: false });
  const table = renderTable(
    ['name', 'partition', ''],
    [
      ['set_led', '10', green],
      ['x', five, 'no'],
    ],
  );
  expect(stripVTControlCharacters(table).split('\n')).toEqual([
    'name     partition',
    'set_led         10  ok',
    'x                5  no',
  ]);
  expect(table).toContain(green);
});
