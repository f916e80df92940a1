import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTextFile } from './read-text-file.js';
import { readVariables } from './read-variables.js';

const folder = mkdtempSync(join(tmpdir(), 'text-file-'));

function write(content: string): string {
  const path = join(folder, crypto.randomUUID());
  writeFileSync(path, content);
  return path;
}

test('returns the whole text, also of several chunks and without a byte too many', () => {
  const text = 'é'.repeat(100_000);
  expect(readTextFile(write(text), 200_000)).toBe(text);
  expect(readTextFile(write(''))).toBe('');
});

test('refuses a file that is larger, and one that has no end', () => {
  expect(() => readTextFile(write('abc'), 2)).toThrow('the file is larger than 2 bytes');
  expect(() => readTextFile('/dev/zero')).toThrow('the file is larger than 67108864 bytes');
});

test.each([
  ['of a value', { KAFKA_SASL_PASSWORD_FILE: '/dev/zero' }, 'KAFKA_SASL_PASSWORD_FILE'],
  ['of variables', { PUSHER_ENV_FILE: '/dev/zero' }, 'the file is larger than 1048576 bytes'],
])('refuses a file %s without end', (_, environment, problem) => {
  const rule = { parse: String, safeParse: (data: unknown) => ({ success: true, data }) } as never;
  const variables = {
    KAFKA_SASL_PASSWORD: { rule, meaning: '', example: '/run/secrets/x', file: true, secret: true },
  } as const;
  expect(() => readVariables(variables, environment)).toThrow(problem);
});
