import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBaseCommit } from './base-commit.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'preservarium-base-'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

const program = 'benchmarks/src/cost/cost-program.ts';
const source = 'packages/core/src/index.ts';

function git(folder: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  return execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8', stdio }).trim();
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

function commit(folder: string, file: string, text: string): string {
  write(folder, file, text);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', text);
  return git(folder, 'rev-parse', 'HEAD');
}

function createRepository(): string {
  const folder = join(home, 'origin');
  git(home, 'init', '--quiet', '--initial-branch', 'main', folder);
  return folder;
}

function clone(...options: string[]): string {
  git(home, 'clone', '--quiet', ...options, `file://${join(home, 'origin')}`, 'clone');
  return join(home, 'clone');
}

test('a branch is compared with its merge base, however many commits it has', async () => {
  const origin = createRepository();
  const base = commit(origin, program, 'one');
  const folder = clone();
  git(folder, 'switch', '--quiet', '--create', 'work');
  commit(folder, source, 'two');
  commit(folder, source, 'three');
  expect(await findBaseCommit(folder)).toEqual({ kind: 'commit', commit: base });
});

test('the main branch, and a clone without it, are compared with the commit before', async () => {
  const origin = createRepository();
  const base = commit(origin, program, 'one');
  commit(origin, source, 'two');
  const folder = clone('--depth', '2');
  const expected = { kind: 'commit', commit: base };
  expect(await findBaseCommit(folder)).toEqual(expected);
  expect(await findBaseCommit(origin), 'without a remote').toEqual(expected);
});

test('changes that are not committed count', async () => {
  const origin = createRepository();
  commit(origin, source, 'one');
  const base = commit(origin, program, 'two');
  commit(origin, 'README.md', 'three');
  expect(await findBaseCommit(origin)).toMatchObject({ kind: 'none' });
  write(origin, source, 'four');
  expect(await findBaseCommit(origin)).toEqual({ kind: 'commit', commit: base });
});

test('a clone of one commit says how to fetch another', async () => {
  const origin = createRepository();
  commit(origin, program, 'one');
  const head = commit(origin, source, 'two');
  expect(await findBaseCommit(clone('--depth', '1'))).toEqual({
    kind: 'none',
    reason: `this clone has no commit before ${head.slice(0, 12)}; fetch one more to compare: git fetch --deepen 1`,
  });
});

test('a base without the benchmark, or with the same sources, is no base', async () => {
  const origin = createRepository();
  const before = commit(origin, source, 'one');
  const after = commit(origin, program, 'two');
  expect(await findBaseCommit(origin)).toEqual({
    kind: 'none',
    reason: `commit ${before.slice(0, 12)} has no benchmark of the cost`,
  });
  commit(origin, 'README.md', 'three');
  expect(await findBaseCommit(origin)).toEqual({
    kind: 'none',
    reason: `no source differs from commit ${after.slice(0, 12)}`,
  });
});

test('a folder without git is no base', async () => {
  expect(await findBaseCommit(home)).toMatchObject({
    kind: 'none',
    reason: expect.stringContaining('is no clone of a git repository'),
  });
});
