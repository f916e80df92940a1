import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readDataFile } from './read-data-file.js';

const path = join(mkdtempSync(join(tmpdir(), 'data-file-')), 'file');
function read(text: string, options?: Parameters<typeof readDataFile>[1]): unknown {
  writeFileSync(path, text);
  return readDataFile(path, options);
}
afterEach(() => vi.restoreAllMocks());

test('any object of JSON is read as it is, with every name', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('as text, no scalar is another text than the one in the file', () => {
  expect(read('007: 1.0\nb: [yes, null]\n', { textOnly: true })).toEqual({
    '007': '1.0',
    b: ['yes', 'null'],
  });
  expect(read('{"007": 7, "b": [true, null]}', { textOnly: true })).toEqual({
    '007': '7',
    b: ['true', 'null'],
  });
});

describe('refused:', () => {
  test.each([
    ['{"a": 1, "a": 2}', 'two members with the same name'],
    ['{"a": {"b:": 1, "c\\":": 1, "c\\":": 2}}', 'two members with the same name'],
    ['a: 1\nb: {c: 1, c: 2}\n', 'Map keys must be unique at line 2, column 11'],
    ['? [a]\n: b\n', 'a key is not text'],
    ['a: &a [x]\nb: [' + '*a, '.repeat(101) + ']', 'Excessive alias count'],
    ['{"a":'.repeat(65) + '1' + '}'.repeat(65), 'nested more than 64 levels deep'],
    ['{"a":'.repeat(100_000), 'Unexpected end of JSON input'],
    ['['.repeat(65) + ']'.repeat(65), 'nested more than 64 levels deep'],
    ['a: ' + '['.repeat(100_000), 'nested more than 64 levels deep'],
    ['- '.repeat(100_000), 'nested more than 64 levels deep'],
    ['? '.repeat(100_000), 'nested more than 64 levels deep'],
    ['a: '.repeat(65), 'Nested mappings are not allowed'],
    [`a: ${'x'.repeat(4 * 1024 * 1024)}`, 'is YAML of more than 4194304 bytes; write it as JSON'],
  ])('%.40s', (text, problem) => {
    expect(() => read(text)).toThrow(problem);
  });
});

test('64 levels are read', () => {
  expect(() => read('{"a":'.repeat(64) + '1' + '}'.repeat(64))).not.toThrow();
  expect(() => read('['.repeat(64) + ']'.repeat(64))).not.toThrow();
  expect(() => read('- '.repeat(64) + 'x')).not.toThrow();
});

// Compared with one another, so many names would take minutes.
test.each([
  ['JSON', (name: string) => `"${name}": "x"`, (members: string[]) => `{${members.join(',')}}`],
  ['YAML', (name: string) => `${name}: x`, (members: string[]) => members.join('\n')],
])('50,000 names in %s are read, and the last one twice is noticed', (_, member, join) => {
  const members = Array.from({ length: 50_000 }, (_, index) => member(`device-${index}`));
  expect(Object.keys(read(join(members)) as object)).toHaveLength(50_000);
  expect(() => read(join([...members, member('device-49999')]))).toThrow(/unique|same name/);
});

test('nothing is printed of a file', () => {
  const printed = vi.spyOn(process, 'emitWarning');
  for (const text of ['%YAML 9.9\n---\na: b\n', '%FOO\n---\na: b\n', 'a: !unknown b\n']) read(text);
  expect(printed).not.toHaveBeenCalled();
});
