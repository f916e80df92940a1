import { mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@preservarium/backend';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchedFile } from './index.js';

let folder: string;
let path: string;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  folder = mkdtempSync(join(tmpdir(), 'watched-file-'));
  path = join(folder, 'devices');
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** Writes, as of now by the clock of the test. */
function write(text: string): void {
  writeFileSync(path, text);
  utimesSync(path, new Date(), new Date());
}

function watch(read = (name: string) => readFileSync(name, 'utf8')) {
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: object) => errors.push(fields) };
  return { errors, content: watchedFile({ path, name: 'devices', read, logger }) };
}

test('a file is not read while it is written', () => {
  write('whole');
  const { content } = watch();
  for (const part of ['n', 'ne', 'new', 'newe']) {
    vi.advanceTimersByTime(900);
    write(part);
    expect(content(), part).toBe('whole');
  }
  vi.advanceTimersByTime(1_000);
  expect(content()).toBe('newe');
});

test('a file whose time is in the future is read when it has not changed for a second', () => {
  write('first');
  const { content } = watch();
  writeFileSync(path, 'second');
  const ahead = new Date(Date.now() + 3_600_000);
  utimesSync(path, ahead, ahead);
  vi.advanceTimersByTime(1_000);
  expect(content()).toBe('first');
  vi.advanceTimersByTime(1_000);
  expect(content()).toBe('second');
});

test('a file that was written before and renamed is read at once', () => {
  write('first');
  const { content } = watch();
  writeFileSync(`${path}.new`, 'second');
  const before = new Date(Date.now() - 60_000);
  utimesSync(`${path}.new`, before, before);
  renameSync(`${path}.new`, path);
  vi.advanceTimersByTime(1_000);
  expect(content()).toBe('second');
});

test('a version that cannot be read is logged once, and read again until it can', () => {
  write('first');
  let fails = false;
  const { content, errors } = watch((name) => {
    if (fails) throw new Error('EMFILE: too many open files');
    return readFileSync(name, 'utf8');
  });
  fails = true;
  write('second');
  for (let second = 0; second < 5; second++) {
    vi.advanceTimersByTime(1_000);
    expect(content()).toBe('first');
  }
  expect(errors).toHaveLength(1);
  fails = false;
  vi.advanceTimersByTime(1_000);
  expect(content()).toBe('second');
});
