import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { documents, repository } from '../src/snippets/markdown-blocks.js';

const packages = join(repository, 'packages');

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

test.each(documents())('the links of %s lead to files', (document) => {
  const text = readFileSync(join(repository, document), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
    ([, target = '']) => target,
  );
  expect(targets.filter((target) => !existsSync(join(repository, dirname(document), target)))).toEqual([]);
});

test('the files that docs/architecture.md names exist', () => {
  const text = readFileSync(join(repository, 'docs/architecture.md'), 'utf8');
  const named = [...text.matchAll(/`([\w/-]+\.ts)`/g)].map(([, file = '']) => file);
  expect(named.length).toBeGreaterThan(20);
  const folders = [
    '',
    'connector/src',
    'connector/src/ledger',
    'connector/src/settings-sync',
    'connector/src/scheduling',
  ];
  const others = [
    'connector/src/outcome',
    'publisher/src',
    'backend/src',
    'deliverer/src',
    'command-store/src',
    'backend-kafkajs/src',
    'backend-rdkafka/src',
  ];
  const exists = (file: string) =>
    [...folders, ...others].some((folder) => existsSync(join(packages, folder, file)));
  expect(named.filter((file) => !exists(file))).toEqual([]);
});
