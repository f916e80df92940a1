import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { directoryFromFile } from './index.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'device-directory-'));
  path = join(folder, 'devices.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['JSON', '{\n\t"007": "coap://192.0.2.7:5683",\n\t"pump": "https://gateway.example/devices/pump"\n}\n'],
  ['YAML', '# all of them\n007: coap://192.0.2.7:5683\npump: https://gateway.example/devices/pump\n'],
])('finds a device in %s', (_, text) => {
  writeFileSync(path, text);
  const directory = directoryFromFile(path);
  expect(directory('007')).toBe('coap://192.0.2.7:5683');
  expect(directory('pump')).toBe('https://gateway.example/devices/pump');
  expect(['7', 'toString', '__proto__', ''].map(directory)).toEqual(Array(4).fill(undefined));
});

describe('refuses a file with', () => {
  test.each([
    ['', 'is not an object with device ids'],
    ['[]', 'is not an object with device ids'],
    ['{"a": "http://a.example"', 'cannot be read'],
    ['{"a": "http://a.example", "a": "http://b.example"}', 'cannot be read'],
    ['{"a": 7}', 'device "a": "7" is not an address with a scheme and a host'],
    ['{"a": null}', 'device "a": "null" is not an address with a scheme and a host'],
    ['{"a": ["http://a.example"]}', 'device "a": the address is not text'],
    ['"": http://a.example', 'device "": the device id is not text'],
    ['a: gateway.example/7', 'device "a": "gateway.example/7" is not an address with a scheme and a host'],
    ['a: coap:///7', 'device "a": "coap:///7" names no host'],
    ['a: http://u:p/q@a.example', 'device "a": "http://***@a.example" is not an address'],
    ['a: http://u:p@a.example', 'device "a": "http://***@a.example" holds credentials'],
    ['a: coap://224.0.1.187', 'device "a": "coap://224.0.1.187" is a multicast address'],
    ['a: coap://255.255.255.255:5683', 'device "a": "coap://255.255.255.255:5683" is a multicast address'],
    ['a: "coap://[::ffff:224.0.1.187]"', 'device "a": "coap://[::ffff:224.0.1.187]" is a multicast address'],
    ['a: "http://[::ffff:e000:1bb]/x"', 'device "a": "http://[::ffff:e000:1bb]/x" is a multicast address'],
    ['a: "coap://[ff02::fd]"', 'device "a": "coap://[ff02::fd]" is a multicast address'],
    ['a: "coap://[ff05::fd%25eth0]/x"', 'device "a": "coap://[ff05::fd%25eth0]/x" is a multicast address'],
    ['a: "http://[fe80::1%25eth0]"', 'device "a": "http://[fe80::1%25eth0]" has an IPv6 zone'],
    ['a: http://a.example/?x=1', 'device "a": "http://a.example/?x=1" has a query or a fragment'],
  ])('%s', (text, problem) => {
    writeFileSync(path, text);
    expect(() => directoryFromFile(path)).toThrow(ConfigurationError);
    expect(() => directoryFromFile(path)).toThrow(`device directory ${path}: ${problem}`);
  });

  test('nothing: it is not there', () => {
    expect(() => directoryFromFile(path)).toThrow(`device directory ${path}: cannot be read: ENOENT`);
  });
});

test('a file that changes, is broken, goes and is replaced gives what it last validly said', async () => {
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: object) => errors.push(fields) };
  writeFileSync(path, 'a: http://first.example');
  const directory = directoryFromFile(path, { logger });

  writeFileSync(path, 'a: http://second.example');
  await expect.poll(() => directory('a')).toBe('http://second.example');

  writeFileSync(path, 'a: [');
  await expect.poll(() => [directory('a'), errors.length]).toEqual(['http://second.example', 1]);
  expect(errors[0]).toMatchObject({ path, error: expect.any(ConfigurationError) });

  rmSync(path);
  await expect.poll(() => [directory('a'), errors.length]).toEqual(['http://second.example', 2]);

  writeFileSync(`${path}.new`, 'a: http://third.example');
  renameSync(`${path}.new`, path);
  await expect.poll(() => directory('a')).toBe('http://third.example');
  expect(errors).toHaveLength(2);
});
