import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deviceTypesFromFile } from './index.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'device-types-'));
  path = join(folder, 'devices.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['JSON', '{ "007": "lamp", "pump-7": "pump" }'],
  ['YAML', '007: lamp\npump-7: pump\n'],
])('finds the type of a device in %s', (_, text) => {
  writeFileSync(path, text);
  const typeOf = deviceTypesFromFile(path);
  expect(['007', 'pump-7', '7', 'toString', ''].map(typeOf)).toEqual([
    'lamp',
    'pump',
    ...Array(3).fill(undefined),
  ]);
});

describe('refuses a file with', () => {
  test.each([
    ['', 'is not an object of device id → type'],
    ['[]', 'is not an object of device id → type'],
    ['{"a": "lamp"', 'cannot be read'],
    ['{"a": ["lamp"]}', 'device "a": its type is not text'],
    ['a: ""', 'device "a": its type is not text'],
    ['"": lamp', 'a device id is not text'],
  ])('%s', (text, problem) => {
    writeFileSync(path, text);
    expect(() => deviceTypesFromFile(path)).toThrow(ConfigurationError);
    expect(() => deviceTypesFromFile(path)).toThrow(`device types ${path}: ${problem}`);
  });

  test('nothing: it is not there', () => {
    expect(() => deviceTypesFromFile(path)).toThrow(`device types ${path}: cannot be read: ENOENT`);
  });
});

test('a file that changes, is broken and goes gives what it last validly said', async () => {
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: object) => errors.push(fields) };
  writeFileSync(path, 'a: lamp');
  const typeOf = deviceTypesFromFile(path, { logger });

  writeFileSync(path, 'a: torch');
  await expect.poll(() => typeOf('a')).toBe('torch');

  writeFileSync(path, 'a: [');
  await expect.poll(() => [typeOf('a'), errors.length]).toEqual(['torch', 1]);
  expect(errors[0]).toMatchObject({ path, error: expect.any(ConfigurationError) });

  rmSync(path);
  await expect.poll(() => [typeOf('a'), errors.length]).toEqual(['torch', 2]);
});
