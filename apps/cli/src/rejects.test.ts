import {
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ValidationError } from '@preservarium/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBulkSource } from './bulk-source.js';
import { openRejectsFile } from './rejects.js';

const error = new ValidationError('line', [{ path: '', message: 'is wrong' }]);
const { signal } = new AbortController();
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejects-'));
  path = join(folder, 'rejects.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function inputOf(text: string): Promise<unknown> {
  const rejects = await openRejectsFile(path);
  await rejects.add({ line: 7, error, text });
  await rejects.close();
  const { input, ...reject } = JSON.parse(readFileSync(path, 'utf8'));
  expect(reject).toEqual({ line: 7, code: 'VALIDATION_FAILED', message: 'invalid line: is wrong' });
  return input;
}

test('a reject has the JSON of its line, or else its text', async () => {
  expect(await inputOf(' {"a":1}\r')).toEqual({ a: 1 });
  expect(await inputOf('nope "quoted"')).toBe('nope "quoted"');
});

test('a line nested too deep to be written as JSON is written as text', async () => {
  const text = '['.repeat(20_000) + ']'.repeat(20_000);
  expect(await inputOf(text)).toBe(text);
});

test('an earlier file keeps its content until the new one is complete', async () => {
  writeFileSync(path, 'earlier');
  const rejects = await openRejectsFile(path);
  await rejects.add({ line: 1, error, text: '{}' });
  expect(readFileSync(path, 'utf8')).toBe('earlier');
  await rejects.close();
  expect(readFileSync(path, 'utf8')).toContain('"line":1');
  expect(readdirSync(folder)).toEqual(['rejects.ndjson']);
});

test('a link still links to the file of rejects', async () => {
  const link = join(folder, 'link');
  writeFileSync(path, 'earlier');
  symlinkSync(path, link);
  const rejects = await openRejectsFile(link);
  await rejects.close();
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('a device such as /dev/null is written and not replaced', async () => {
  const rejects = await openRejectsFile('/dev/null');
  await rejects.add({ line: 1, error, text: '{}' });
  await rejects.close();
  expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('the source knows its file under every name', async () => {
  writeFileSync(path, '');
  const symbolic = join(folder, 'symbolic');
  const hard = join(folder, 'hard');
  const other = join(folder, 'other');
  symlinkSync(path, symbolic);
  linkSync(path, hard);
  writeFileSync(other, '');
  const source = await openBulkSource(path, signal);
  for await (const _ of source.chunks);
  const found = await Promise.all([path, symbolic, hard, other, join(folder, 'none')].map(source.isFile));
  expect(found).toEqual([true, true, true, false, false]);
});
