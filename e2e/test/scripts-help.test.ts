import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const bootstrap = /^node scripts\/bootstrap.mjs (--addon-later )?/;
/** Programs of others, which have a help of their own. */
const others = ['vitest', 'biome'];

const ours = Object.entries(scripts)
  .map(([name, line]) => ({ name, words: line.replace(bootstrap, '').split(' ') }))
  .filter(({ words: [program = ''] }) => !others.includes(program));

// A script that goes through pnpm would show the help of pnpm. The bootstrap hands on its arguments as they are.
test.each(ours)('npm run $name -- --help prints the help of $name', async ({ name, words }) => {
  const [program = '', ...args] = words;
  const { stdout } = await promisify(execFile)(program, [...args, '--help'], { cwd: root });
  expect(stdout).toMatch(new RegExp(`^Usage: (npm run )?${name}\\b`, 'm'));
});
