import { parseCommand, ValidationError } from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locate } from './http-location.js';

const command = parseCommand({ deviceId: 'lamp', commandType: 'set', protocol: 'http' });
const locatePath = (path: string, base = 'https://gateway.example/devices/7') =>
  locate({ ...command, path }, base).href;

test.each([
  [undefined, 'https://gateway.example/devices/7', 'https://gateway.example/devices/7'],
  ['led', 'https://gateway.example/devices/7', 'https://gateway.example/devices/7/led'],
  ['/led', 'https://gateway.example/devices/7/', 'https://gateway.example/devices/7/led'],
  ['led/state?fade=1&to=?', 'http://192.0.2.7:8080', 'http://192.0.2.7:8080/led/state?fade=1&to=?'],
  ['/a b/ü%2F', 'https://gateway.example/', 'https://gateway.example/a%20b/%C3%BC%2F'],
  ['/a:b', 'https://gateway.example', 'https://gateway.example/a:b'],
  ['led?next=http://a/../b', 'https://gateway.example', 'https://gateway.example/led?next=http://a/../b'],
])('the path %s on %s is %s', (path, base, expected) => {
  expect(locate({ ...command, path }, base).href).toBe(expected);
});

describe('refuses the path', () => {
  test.each([
    '..',
    '../8',
    'a/../../8',
    './a',
    '%2e%2e/8',
    '.%2E/8',
    '..%2f8',
    '..%5c8',
    'a\\..\\8',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'http://evil.example',
    'javascript:alert(1)',
    'a#b',
    'a?b#c',
    'a\nb',
    'a%zz',
    '/..;/8',
    '/..;a=b/8',
    '/.%3b/8',
    '%252e%252e/8',
    '%25252e%25252e/8',
    '..%252f8',
    'a%0d%0aHost:%20evil.example',
    'a%250d%250a',
  ])('%j', (path) => {
    expect(() => locatePath(path)).toThrow(ValidationError);
  });
});

test('no path leads out of the base URL', () => {
  const hostile = fc.string({ unit: fc.constantFrom(...'./\\%25cCeEfF:@?#a \t') });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), hostile), (path) => {
      let url: URL;
      try {
        url = new URL(locatePath(path));
      } catch (error) {
        expect(error).toBeInstanceOf(ValidationError);
        return;
      }
      expect(url.origin).toBe('https://gateway.example');
      expect(url.pathname.startsWith('/devices/7/')).toBe(true);
      expect(decodeURIComponent(url.pathname).split(/[/\\]/)).not.toContain('..');
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  'coap://192.0.2.7',
  'gateway.example/7',
  'https://user:password@gateway.example',
  'https://gateway.example/?device=7',
  'https://gateway.example/#7',
  '',
])('refuses the address "%s", naming the device', (address) => {
  expect(() => locate(command, address)).toThrow(ValidationError);
  expect(() => locate(command, address)).toThrow('device "lamp" in the directory');
});
