import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const execute = promisify(execFile);
const folder = join(import.meta.dirname, '..');
// Beside the README, for the packages to be found.
const file = join(folder, '.readme.ts');
afterAll(() => rm(file, { force: true }));

test('the example of the README runs and prints what it says', async () => {
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  await writeFile(file, example);
  const { stdout, stderr } = await execute(process.execPath, [file], { timeout: 30_000 });
  const said = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, comment]) => comment);
  expect(said).toHaveLength(2);
  expect(stdout.trimEnd().split('\n')).toEqual(said);
  expect(stderr).toBe('');
});
