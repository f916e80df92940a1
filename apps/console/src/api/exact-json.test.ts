import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasPlainNumbers, parseExact } from './exact-json.js';

const numbers = ['1724442618569203714', '21.0', '1e3', '-0', '0.1', '7', '1E400', '123456789.000000000001'];
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...numbers, 'true', 'null', '"a"', '"1.0"'),
    fc.array(tie('value')).map((items) => `[${items}]`),
    fc
      .dictionary(fc.string({ minLength: 1 }), tie('value'))
      .map(
        (fields) => `{${Object.entries(fields).map(([name, text]) => `${JSON.stringify(name)}:${text}`)}}`,
      ),
  ),
})).value;

test('numbers keep their digits through parsing and writing', () => {
  fc.assert(
    fc.property(json, (text) => {
      const isOrdered = JSON.stringify(JSON.parse(text.replace(/-?\d[\d.eE+-]*/g, '0')));
      fc.pre(isOrdered === text.replace(/-?\d[\d.eE+-]*/g, '0'));
      expect(JSON.stringify(parseExact(text))).toBe(text);
    }),
  );
});

test.each([
  ['{"level":40,"rate":0.5}', true],
  ['{"serial":1724442618569203714}', false],
  ['{"level":[21.0]}', false],
])('%s has plain numbers: %s', (text, expected) => {
  expect(hasPlainNumbers(text)).toBe(expected);
});
