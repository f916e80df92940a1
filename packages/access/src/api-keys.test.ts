import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiKeysFromFile, createApiKey, policyFromFile } from './index.js';

function write(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'api-keys-')), 'keys.yaml');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test('a key of the file is found by its text, which the file does not have', () => {
  const { text, entry } = createApiKey('dashboard');
  const content = { keys: [entry] };
  expect(JSON.stringify(content)).not.toContain(text.slice(-43));
  const keys = apiKeysFromFile(write(content));
  expect(keys(text)).toMatchObject({ id: 'dashboard' });
  expect(keys(`${text}x`)).toBeUndefined();
  expect(keys('')).toBeUndefined();
});

test('a key ends when it expires', () => {
  const expires = new Date(1_000);
  const { text, entry } = createApiKey('dashboard', { expires });
  const path = write({ keys: [entry] });
  expect(apiKeysFromFile(path, { clock: () => 999 })(text)).toBeDefined();
  expect(apiKeysFromFile(path, { clock: () => 1_000 })(text)).toBeUndefined();
});

test.each([
  [{ keys: [{ id: 'a', sha256: 'secret' }] }, 'keys[0].sha256: must be a SHA-256 in base64url'],
  [{ keys: [createApiKey('a').entry, createApiKey('a').entry] }, 'two keys have the id "a"'],
])('a file that is not valid is refused', (content, problem) => {
  expect(() => apiKeysFromFile(write(content))).toThrow(problem);
});

test('a file without end is refused', () => {
  expect(() => apiKeysFromFile('/dev/zero')).toThrow('the file is larger than 67108864 bytes');
  expect(() => policyFromFile('/dev/zero')).toThrow('the file is larger than 67108864 bytes');
});

test('an id with other characters is refused', () => {
  expect(() => createApiKey('A key')).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
});
