import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { secretsFromFile } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'secrets.yaml');
const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

test('an id goes before a prefix, a longer prefix before a shorter one', () => {
  writeFileSync(
    path,
    [
      `lamp-7: ${secretOf(1)}`,
      `"lamp-*": [${secretOf(2)}, ${secretOf(3)}]`,
      `"l*": ${secretOf(4)}`,
      `"a*": ${secretOf(5)}`,
    ].join('\n'),
  );
  const secrets = secretsFromFile(path);
  expect(secrets('lamp-7')).toEqual([secretOf(1)]);
  expect(secrets('lamp-8')).toEqual([secretOf(2), secretOf(3)]);
  expect(secrets('lamp-*')).toEqual([secretOf(2), secretOf(3)]);
  expect(secrets('lime')).toEqual([secretOf(4)]);
  expect(secrets('pump')).toBeUndefined();
  writeFileSync(path, `"*": ${secretOf(6)}`);
  expect(secretsFromFile(path)('pump')).toEqual([secretOf(6)]);
});

test.each([
  ['a: hunter2-hunter2-hunter2', 'device "a": a secret is not whsec_ and 24 to 64 bytes in base64'],
  ['a: []', 'device "a": there is no secret'],
  ['a: {b: hunter2}', 'device "a": a secret is not whsec_'],
  ['hunter2: [', 'cannot be read: '],
  ['- hunter2', 'is not an object with device ids'],
])('refuses the file %j with a message that has no secret', (text, problem) => {
  writeFileSync(path, text);
  let error: unknown;
  try {
    secretsFromFile(path);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining(problem) });
  const { message, cause } = error as Error;
  expect(`${message} ${cause}`).not.toContain('hunter2');
});
