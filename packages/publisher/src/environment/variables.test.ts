import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exampleOf, factsOf, type VariableName, variableNames } from './variables.js';

const document = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');

function rowOf(name: VariableName): string {
  const { aliases = [], file, meaning, otherwise = '' } = factsOf(name);
  const names = [name, ...aliases, ...(file ? [`${name}_FILE`] : [])].map((spelling) => `\`${spelling}\``);
  return `| ${names.join(', ')} | ${meaning} | ${otherwise} | \`${exampleOf(name)}\` |`;
}

test('docs/configuration.md lists every variable as the code has it, and no other', () => {
  const rows = document.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows).toStrictEqual(variableNames.map(rowOf));
});
