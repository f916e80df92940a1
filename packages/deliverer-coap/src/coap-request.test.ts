import { type CommandInput, parseCommand, ValidationError } from '@preservarium/core';
import { describe, expect, test } from 'vitest';
import { toRequest } from './coap-request.js';

const json = { bytes: Buffer.from('{}'), contentType: 'application/json' };

function request(fields: Partial<CommandInput>, address = 'coap://192.0.2.7', payload = json) {
  const command = parseCommand({ deviceId: '7', commandType: 'set', protocol: 'coap', ...fields });
  return toRequest(command, payload, address);
}

function texts(option: unknown): unknown {
  return Array.isArray(option) ? option.map(String) : option;
}

test('by default a confirmable POST of JSON to the address', () => {
  expect(request({})).toEqual({
    host: '192.0.2.7',
    port: 5683,
    method: 'POST',
    confirmable: true,
    options: { 'Uri-Path': [], 'Uri-Query': [], 'Content-Format': 50 },
    payload: json.bytes,
  });
});

test('settings are a PUT to /settings, unless they say otherwise', () => {
  const settings = { commandType: 'settings', supersedeKey: 'settings' };
  const { method, options } = request(settings, 'coap://gateway.example/7');
  expect([method, texts(options['Uri-Path'])]).toEqual(['PUT', ['7', 'settings']]);
  const other = request({ ...settings, method: 'POST', path: '/s' });
  expect([other.method, texts(other.options['Uri-Path'])]).toEqual(['POST', ['s']]);
});

test.each([
  ['coap://192.0.2.7:61616', '/a?b=1', '192.0.2.7', 61_616, ['a'], ['b=1']],
  ['coap://gateway.example/devices/a%2Fb/', 'in', 'gateway.example', 5683, ['devices', 'a/b', 'in'], []],
  ['coap://[2001:db8::1]/x', '', '2001:db8::1', 5683, ['x'], []],
  ['coap://[fe80::1%25eth0]:61616/x', '', 'fe80::1%eth0', 61_616, ['x'], []],
])('%s and %s', (address, path, host, port, segments, queries) => {
  const { options, ...made } = request(path === '' ? {} : { path }, address);
  expect(made).toMatchObject({ host, port });
  expect(texts(options['Uri-Path'])).toEqual(segments);
  expect(texts(options['Uri-Query'])).toEqual(queries);
});

test.each([
  'coap://224.0.1.187',
  'coap://239.1.2.3:61616/x',
  'coap://[ff02::fd]',
  'coap://[::ffff:224.0.1.187]',
  'coap://[FF05::fd%25eth0]',
])('the group %s is refused: a command goes to one device', (address) => {
  expect(() => request({}, address)).toThrow('is a multicast address; a command goes to one device');
});

test.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'FETCH', 'IPATCH'] as const)('%s', (method) => {
  const { payload, options, ...made } = request({ method, confirmable: false });
  expect(made).toMatchObject({ method: method === 'IPATCH' ? 'iPATCH' : method, confirmable: false });
  const hasPayload = method !== 'GET' && method !== 'DELETE';
  expect(payload).toHaveLength(hasPayload ? 2 : 0);
  expect(options['Content-Format']).toBe(hasPayload ? 50 : undefined);
});

test.each(['GET', 'DELETE'] as const)(
  '%s with a payload, which another producer may have pushed, is refused',
  (method) => {
    const command = parseCommand({ deviceId: '7', commandType: 'set', protocol: 'coap', payload: { a: 1 } });
    expect(() => toRequest({ ...command, method }, json, 'coap://192.0.2.7')).toThrow(
      `${method} carries no payload`,
    );
  },
);

test.each([
  [1_024, undefined],
  [1_025, Buffer.of(6)],
])('%i bytes, in blocks: %s', (bytes, block) => {
  const payload = { bytes: Buffer.alloc(bytes), contentType: 'application/octet-stream' };
  const { options } = request({}, 'coap://192.0.2.7', payload);
  expect(options.Block1).toEqual(block);
  expect(options['Content-Format']).toBe(42);
});

test('a command may set some options', () => {
  const metadata = { options: { accept: 'application/cbor', content_format: 60, 'Uri-Query': ['a=1', 'b'] } };
  const { options } = request({ path: '/x?c', metadata });
  expect(options).toMatchObject({ Accept: 60, 'Content-Format': 60 });
  expect(texts(options['Uri-Query'])).toEqual(['c', 'a=1', 'b']);
});

test('a command without options of its own has null there', () => {
  expect(request({ metadata: { options: null } }).options).toEqual(request({}).options);
});

describe('refuses', () => {
  test.each<[Partial<CommandInput>, string]>([
    [{ metadata: { options: { 'Proxy-Uri': 'coap://198.51.100.1' } } }, 'metadata.options.Proxy-Uri'],
    [{ metadata: { options: { 'Uri-Host': '198.51.100.1' } } }, 'metadata.options.Uri-Host'],
    [{ metadata: { options: { 'Uri-Path': '..' } } }, 'metadata.options.Uri-Path'],
    [{ metadata: { options: { Observe: 0 } } }, 'metadata.options.Observe'],
    [{ metadata: { options: { Accept: 'no/number' } } }, 'CoAP has no number for "no/number"'],
    [{ metadata: { options: { Accept: 65_536 } } }, 'a number from 0 to 65535'],
    [{ metadata: { options: { 'Uri-Query': 'a'.repeat(256) } } }, 'at most 255 bytes'],
    [{ metadata: { options: { 'Uri-Query': 7 } } }, 'must be text'],
    [{ metadata: { options: ['Accept'] } }, 'must be an object'],
  ])('%o', (fields, problem) => {
    expect(() => request(fields)).toThrow(ValidationError);
    expect(() => request(fields)).toThrow(problem);
  });

  test.each(['http://192.0.2.7', 'coap:///a', '192.0.2.7', 'coap://h/..%2Fa'])(
    'the address %s',
    (address) => {
      expect(() => request({}, address)).toThrow(ValidationError);
    },
  );

  test('coaps, and says why', () => {
    expect(() => request({}, 'coaps://192.0.2.7')).toThrow('there is no DTLS here');
  });

  test('credentials in an address, and does not name them', () => {
    expect(() => request({}, 'http://user:pass/word@192.0.2.7')).toThrow('"http://***@192.0.2.7"');
  });

  test('a path that leads away, which the schema of commands would not have let through', () => {
    const command = parseCommand({ deviceId: '7', commandType: 'set', protocol: 'coap' });
    expect(() => toRequest({ ...command, path: '/a%2F..%2Fb' }, json, 'coap://192.0.2.7')).toThrow('".."');
  });

  test('a payload whose type CoAP has no number for', () => {
    const payload = { bytes: Buffer.alloc(1), contentType: 'image/x-own' };
    expect(() => request({}, 'coap://192.0.2.7', payload)).toThrow('send application/octet-stream');
  });
});
