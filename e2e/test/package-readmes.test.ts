import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const execute = promisify(execFile);
const e2e = join(import.meta.dirname, '..');

let folder: string;
beforeAll(async () => {
  // Beside the tests, for the packages to be found.
  folder = await mkdtemp(join(e2e, '.readme-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['command-store', 'settings', 'tracking'])(
  'the example of %s prints what it says',
  async (name) => {
    const text = await readFile(join(e2e, '../packages', name, 'README.md'), 'utf8');
    const example = /^```ts\n(.*?)^```$/ms.exec(text)?.[1] ?? '';
    const file = join(folder, `${name}.ts`);
    await writeFile(file, example);
    const { stdout, stderr } = await execute(process.execPath, [file], { timeout: 30_000 });
    const said = [...example.matchAll(/console\.log\(.*; \/\/ (.*)$/gm)].map(([, line]) => line);
    expect(said.length).toBeGreaterThan(0);
    expect({ stdout, stderr }).toEqual({ stdout: `${said.join('\n')}\n`, stderr: '' });
  },
);
