import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const packages = join(import.meta.dirname, '../../packages');

const tables = readdirSync(packages).flatMap((name) => {
  const readme = readFileSync(join(packages, name, 'README.md'), 'utf8');
  const section = /^## Exports\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(readme)?.[1];
  return section === undefined ? [] : [{ name, section }];
});

test('there are tables of exports', () => {
  expect(tables.length).toBeGreaterThan(10);
});

// A name with a dot before it is a member of the row above.
test.each(tables)('the README of $name lists exports that exist', ({ name, section }) => {
  const index = readFileSync(join(packages, name, 'src/index.ts'), 'utf8');
  const exported = new Set(index.match(/\w+/g));
  const firstCells = [...section.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
  const listed = firstCells.flatMap((cell) =>
    [...cell.matchAll(/`([A-Za-z]\w*)(?=[`(<])/g)].map(([, each]) => each),
  );
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.filter((each) => each !== undefined && !exported.has(each))).toEqual([]);
});
