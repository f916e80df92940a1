import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { oneErrorOfEachCode } from '../../test/one-error-of-each-code.js';

const document = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');

test('docs/errors.md lists every code with its class and whether to retry, and no other', () => {
  const rows = document
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, code, className, retryable, when, whatToDo] = line.split('|').map((cell) => cell.trim());
      expect([when, whatToDo]).not.toContain('');
      return [code, className, retryable];
    });
  const expected = Object.entries(oneErrorOfEachCode()).map(([code, error]) => [
    `\`${code}\``,
    `\`${error.name}\``,
    error.retryable ? 'yes' : 'no',
  ]);
  expect(rows).toStrictEqual(expected);
});
