import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pairOfJwks, secretJwk } from '../test/keys.js';
import {
  readSigningKey,
  readVerificationKeys,
  signingKeyFromFile,
  verificationKeysFromFile,
} from './index.js';

let folder: string;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** Puts a file in the place of the one before, as of a while ago. */
function write(name: string, content: object): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, JSON.stringify(content));
  const before = new Date(Date.now() - 60_000);
  utimesSync(`${path}.new`, before, before);
  renameSync(`${path}.new`, path);
  return path;
}

test('keys of files are those of now, and the last good ones while a file is not valid', () => {
  const [first, second] = [secretJwk('app-1'), secretJwk('app-2')];
  const keys = verificationKeysFromFile(write('keys.json', { keys: [first] }));
  const key = signingKeyFromFile(write('key.json', first));
  expect([...keys().keys.keys()]).toEqual(['app-1']);
  write('keys.json', { keys: [first, second], denied: ['app-0'] });
  write('key.json', second);
  vi.advanceTimersByTime(2_000);
  expect([...keys().keys.keys()]).toEqual(['app-1', 'app-2']);
  expect(keys().denied.has('app-0')).toBe(true);
  expect(key().keyId).toBe('app-2');
  write('keys.json', { keys: 'none' });
  vi.advanceTimersByTime(2_000);
  expect([...keys().keys.keys()]).toEqual(['app-1', 'app-2']);
});

test.each<[string, object, string]>([
  ['a short secret', { ...secretJwk(), k: 'c2hvcnQ' }, 'k: must have 32 bytes or more'],
  ['another algorithm', { ...secretJwk(), alg: 'none' }, 'alg'],
  ['a public key', pairOfJwks().publicJwk, 'd is missing'],
  ['no key at all', {}, 'kty'],
])('%s does not sign, and the message has no key', (_, jwk, message) => {
  const read = () => readSigningKey(jwk);
  expect(read).toThrow(message);
  expect(read).not.toThrow('c2hvcnQ');
});

test('two keys of one id are refused', () => {
  const key = secretJwk();
  expect(() => readVerificationKeys({ keys: [key, key] })).toThrow('two keys have the kid "app-1"');
});
