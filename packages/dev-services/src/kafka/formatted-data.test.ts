import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFormattedData } from './formatted-data.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'preservarium-formatted-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

let formatted = 0;
/** Makes the data of a broker, and returns what they are. */
async function make(name: string, key: readonly string[]): Promise<string> {
  const folder = join(home, name);
  await makeFormattedData({
    jars: join(home, 'kafka-4'),
    key,
    folder,
    async format() {
      await mkdir(folder);
      await writeFile(join(folder, 'meta.properties'), `${key} ${++formatted}`);
    },
  });
  return readFile(join(folder, 'meta.properties'), 'utf8');
}

test('data are formatted once for each key, and copied from then on', async () => {
  const first = await make('one', ['1']);
  expect(await make('two', ['1'])).toBe(first);
  expect(await make('three', ['2'])).not.toBe(first);
  await writeFile(join(home, 'two', 'meta.properties'), 'written by a broker');
  expect(await make('four', ['1'])).toBe(first);
});

test('of several that format at once, each has data, and nothing is left behind', async () => {
  const made = await Promise.all(['one', 'two', 'three'].map((name) => make(name, ['1'])));
  expect(made).toHaveLength(3);
  expect(await make('four', ['1'])).toBeOneOf(made);
  expect((await readdir(home)).filter((name) => name.includes('-formatted-'))).toHaveLength(1);
});
