import { describe, expect, test } from 'vitest';
import { decodeCommand, encodeCommand } from '../index.js';

const least = {
  request_id: 'r1',
  timestamp: '2025-07-26T01:03:35Z',
  device_id: 'device123',
  command_type: 'set_led',
  payload: {},
  protocol: 'mqtt',
  metadata: {},
};

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const decode = (change: object) => decodeCommand(bytes({ ...least, ...change }));

function decodeWell(change: object) {
  const decoded = decode(change);
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded;
}

describe('times', () => {
  test.each([
    ['naive, which is UTC', '2025-07-26T01:03:35', '2025-07-26T01:03:35.000Z'],
    ['naive with microseconds', '2025-07-26T01:03:35.123456', '2025-07-26T01:03:35.123Z'],
    ['Z', '2025-07-26T01:03:35.5Z', '2025-07-26T01:03:35.500Z'],
    ['an offset', '2025-07-26T01:03:35+02:00', '2025-07-25T23:03:35.000Z'],
    ['an offset without a colon', '2025-07-26T01:03:35-0530', '2025-07-26T06:33:35.000Z'],
    ['a space for the T', '2025-07-26 01:03:35', '2025-07-26T01:03:35.000Z'],
    ['a date alone', '2025-07-26', '2025-07-26T00:00:00.000Z'],
    ['epoch seconds', 1_753_491_815, '2025-07-26T01:03:35.000Z'],
    ['epoch seconds with a fraction', 1_753_491_815.123, '2025-07-26T01:03:35.123Z'],
    ['epoch milliseconds', 1_753_491_815_123, '2025-07-26T01:03:35.123Z'],
  ])('%s', (_, written, read) => {
    const { command } = decodeWell({ timestamp: written, expires_at: written });
    expect(command.timestamp.toISOString()).toBe(read);
    expect(command.expiresAt?.toISOString()).toBe(read);
  });

  test.each([
    ['missing', undefined],
    ['null', null],
  ])('a %s timestamp is the default that the caller gives', (_, timestamp) => {
    const recordTime = new Date('2025-01-01T00:00:00Z');
    const decoded = decodeCommand(bytes({ ...least, timestamp }), { timestamp: recordTime });
    expect(decoded).toMatchObject({ ok: true, command: { timestamp: recordTime } });
  });
});

describe('what is let through', () => {
  test('a missing or null request id gets one', () => {
    expect(decodeWell({ request_id: null }).command.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(decodeCommand(bytes({ ...least, request_id: undefined }), { requestId: 'r9' })).toMatchObject({
      command: { requestId: 'r9' },
    });
  });

  test('null stands for absent', () => {
    const { command } = decodeWell({ metadata: null, priority: null, expires_at: null, topic: null });
    expect(command.metadata).toStrictEqual({});
    expect(command).not.toHaveProperty('priority');
    expect(command).not.toHaveProperty('expiresAt');
    expect(command).not.toHaveProperty('topic');
  });

  test('any protocol, in lower case', () => {
    expect(decodeWell({ protocol: 'LoRaWAN' }).command.protocol).toBe('lorawan');
  });

  test('the reserved command type feedback', () => {
    expect(decodeWell({ command_type: 'feedback' }).command.commandType).toBe('feedback');
  });

  test('a byte order mark', () => {
    expect(decodeCommand(Buffer.from(`\uFEFF${JSON.stringify(least)}`)).ok).toBe(true);
  });
});

describe('protocol fields', () => {
  test('metadata wins over the top level', () => {
    const { command } = decodeWell({ topic: 'a', qos: 0, metadata: { topic: 'b', qos: 2, other: 1 } });
    expect(command).toMatchObject({ topic: 'b', qos: 2, metadata: { topic: 'b', qos: 2, other: 1 } });
  });

  test('a null in metadata does not win', () => {
    expect(decodeWell({ topic: 'a', metadata: { topic: null } }).command).toMatchObject({
      topic: 'a',
      metadata: { topic: 'a' },
    });
  });

  test('those of another protocol are unknown fields', () => {
    const { command, unknownFields } = decodeWell({ path: '/a', metadata: { path: 7 } });
    expect(command).not.toHaveProperty('path');
    expect(command.metadata).toStrictEqual({ path: 7 });
    expect(unknownFields).toStrictEqual({ path: '/a' });
  });
});

describe('unknown fields', () => {
  const unknown = { tenant: 'a', nested: { list: [1, null] }, nothing: null };

  test('are given apart and written again by encodeCommand', () => {
    const { command, unknownFields } = decodeWell(unknown);
    expect(unknownFields).toStrictEqual(unknown);
    expect(JSON.parse(encodeCommand(command, unknownFields).toString())).toMatchObject(unknown);
  });

  test('named "__proto__" survive and touch no prototype', () => {
    const value = Buffer.from(JSON.stringify(least).replace('{', '{"__proto__":{"polluted":true},'));
    const decoded = decodeCommand(value);
    if (!decoded.ok) throw new Error(decoded.message);
    expect(Object.hasOwn(decoded.unknownFields, '__proto__')).toBe(true);
    expect('polluted' in decoded.command).toBe(false);
    expect(encodeCommand(decoded.command, decoded.unknownFields).toString()).toContain(
      '"__proto__":{"polluted":true}',
    );
  });
});

describe('poison', () => {
  test.each([
    ['no value', null, 'empty', 'the record has no value'],
    ['an empty value', '', 'empty', 'the record has no value'],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'invalid-utf8', 'the value is not UTF-8 text'],
    ['text', 'hello', 'invalid-json', /^the value is not JSON: /],
    ["Python's bare NaN", '{"payload":{"a":NaN}}', 'invalid-json', /^the value is not JSON: /],
    ['half an object', '{"device_id":', 'invalid-json', /^the value is not JSON: /],
    ['JSON null', 'null', 'not-an-object', 'the value is JSON, but null, not an object'],
    ['an array', '[{}]', 'not-an-object', 'the value is JSON, but an array, not an object'],
    ['a number', '42', 'not-an-object', 'the value is JSON, but a number, not an object'],
    ['a string', '"a"', 'not-an-object', 'the value is JSON, but a string, not an object'],
    ['a boolean', 'true', 'not-an-object', 'the value is JSON, but a boolean, not an object'],
  ])('%s', (_, value, reason, message) => {
    const decoded = decodeCommand(typeof value === 'string' ? Buffer.from(value) : value);
    expect(decoded).toStrictEqual({
      ok: false,
      reason,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  test.each([
    ['metadata as text', { metadata: 'topic' }, 'metadata: must be a JSON object'],
    ['metadata as an array', { metadata: [1] }, 'metadata: must be a JSON object'],
    ['metadata as a number', { metadata: 1 }, 'metadata: must be a JSON object'],
    ['metadata true', { metadata: true }, 'metadata: must be a JSON object'],
    ['a null payload', { payload: null }, 'payload: is required'],
    ['no payload', { payload: undefined }, 'payload: is required'],
    ['a payload that is an array', { payload: [] }, 'payload: must be a JSON object'],
    ['a payload that is text', { payload: 'on' }, 'payload: must be a JSON object'],
    ['a numeric device_id', { device_id: 123 }, 'device_id: must be text'],
    ['an empty device_id', { device_id: '' }, 'device_id: must not be empty'],
    ['no device_id', { device_id: undefined }, 'device_id: is required'],
    ['no command_type', { command_type: null }, 'command_type: is required'],
    ['no protocol', { protocol: undefined }, 'protocol: is required'],
    ['a numeric protocol', { protocol: 1 }, 'protocol: must be text'],
    [
      'a wildcard topic',
      { topic: 'devices/+/commands' },
      'topic: must have no wildcards (+ or #): a command goes to one topic',
    ],
    [
      'a wildcard topic in metadata',
      { metadata: { topic: 'devices/#' } },
      'topic: must have no wildcards (+ or #): a command goes to one topic',
    ],
    ['a path with ..', { protocol: 'coap', path: '/a/../b' }, 'path: must have no ".." segment'],
    ['a path with %2e%2e', { protocol: 'coap', path: '/%2e%2e/b' }, 'path: must have no ".." segment'],
    [
      'a path with %2E. in metadata',
      { protocol: 'http', metadata: { path: '%2E./b' } },
      'path: must have no ".." segment',
    ],
    ['a broken qos', { metadata: { qos: 3 } }, 'qos: must be 0, 1 or 2'],
    ['a priority that is no integer', { priority: 1.5 }, 'priority: must be a whole number'],
    [
      'a time that is none',
      { expires_at: 'soon' },
      'expires_at: must be a Date, ISO 8601 text such as 2026-01-31T12:00:00Z, or seconds or milliseconds since 1970',
    ],
    [
      'several things at once',
      { device_id: 1, command_type: '' },
      'device_id: must be text; command_type: must not be empty',
    ],
  ])('%s', (_, change, message) => {
    expect(decode(change)).toStrictEqual({ ok: false, reason: 'invalid-fields', message });
  });

  test('a number that is too large for JSON readers', () => {
    const value = JSON.stringify(least).replace('"payload":{}', '"payload":{"a":1e999}');
    expect(decodeCommand(Buffer.from(value))).toStrictEqual({
      ok: false,
      reason: 'invalid-fields',
      message: 'payload.a: Infinity is not a JSON number',
    });
  });

  test('nesting without end', () => {
    const value = `{"payload":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
    expect(decodeCommand(Buffer.from(value))).toMatchObject({ ok: false, reason: 'invalid-fields' });
  });
});
