import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const script = join(import.meta.dirname, '../../scripts/check-language.mjs');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'language-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Result {
  readonly code: number;
  /** Each finding as `line message`. */
  readonly findings: readonly string[];
}

async function check(name: string, text: string): Promise<Result> {
  const file = join(folder, name);
  await writeFile(file, text);
  return new Promise((resolve) => {
    execFile(process.execPath, [script, file], (error, stdout) => {
      const findings = stdout.split('\n').filter((line) => line.includes(`${name}:`));
      const code = error === null ? 0 : Number(error.code);
      resolve({
        code,
        findings: findings.map((line) => line.slice(line.indexOf(`${name}:`) + name.length + 1)),
      });
    });
  });
}

test('plain English passes', async () => {
  const markdown =
    '# Shutdown\n\nThe `lane` is in code. What is a lag? That is the question: how many records are in flight.\n';
  expect(await check('good.md', markdown)).toEqual({ code: 0, findings: [] });
  const source = '/** Returns the lag. */\nexport const lag = `What is $' + '{1}? the lag`;\n';
  expect(await check('good.ts', source)).toEqual({ code: 0, findings: [] });
});

test.each([
  ['a heading that is a clause', '# What it keeps', '1 "What…" begins with a noun clause'],
  [
    'a sentence that is a clause',
    'It waits. That a broker\nis away is logged.',
    '1 "That a…" begins with a noun',
  ],
  ['a table cell', '| a | b |\n|---|---|\n| Whether it is | b |', '3 "Whether…" begins with a noun clause'],
  ['a circumlocution over two lines', '- a\n- what is under\n  way', '2 "under way": use in flight'],
])('in a document it finds %s', async (_, text, finding) => {
  const { code, findings } = await check('bad.md', text);
  expect(code).toBe(1);
  expect(findings).toEqual([expect.stringContaining(finding)]);
});

test.each([
  [
    'a docstring',
    '/**\n * Whether\n * it is. */\nexport const x = 1;',
    '2 "Whether…" begins with a noun clause',
  ],
  ['a comment over two lines', 'const x = 1;\n// The record is set\n// aside.\n', '2 "set aside": use defer'],
  ['a comment behind code', 'const x = 1; // in the lane of x', '1 "lane": use shard'],
  ['a message', 'throw new Error(`$' + '{1} commands are under way`);', '1 "under way": use in flight'],
  ['an exported name', '\nexport function groupCommitOf() {}', '2 exported name groupCommitOf: use batcher'],
])('in a source file it finds %s', async (_, text, finding) => {
  const { code, findings } = await check('bad.ts', text);
  expect(code).toBe(1);
  expect(findings).toEqual([expect.stringContaining(finding)]);
});
