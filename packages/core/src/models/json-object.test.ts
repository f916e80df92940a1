import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { encodeCommand, parseCommand } from '../index.js';

const parsePayload = (payload: Readonly<Record<string, unknown>>) =>
  parseCommand({ deviceId: 'device123', commandType: 'set_led', protocol: 'mqtt', payload }).payload;

function nested(levels: number): Record<string, unknown> {
  let object: Record<string, unknown> = {};
  for (let level = 1; level < levels; level++) object = { a: object };
  return object;
}

const cycle: Record<string, unknown> = { list: [] };
(cycle.list as unknown[]).push({ back: cycle });

class Led {
  readonly color = 'blue';
}

describe('what JSON cannot carry is refused with its place', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['NaN', { a: [0, { b: Number.NaN }] }, 'payload.a[1].b: NaN is not a JSON number'],
    ['Infinity', { a: Number.POSITIVE_INFINITY }, 'payload.a: Infinity is not a JSON number'],
    ['-Infinity', { a: Number.NEGATIVE_INFINITY }, 'payload.a: -Infinity is not a JSON number'],
    ['undefined', { a: undefined }, 'payload.a: undefined cannot be sent as JSON'],
    ['a hole in an array', { a: new Array(1) }, 'payload.a[0]: undefined cannot be sent as JSON'],
    ['a function', { a: () => 1 }, 'payload.a: a function cannot be sent as JSON'],
    ['a symbol', { a: Symbol('s') }, 'payload.a: a symbol cannot be sent as JSON'],
    ['a cycle', cycle, 'payload.list[0].back: refers back to itself; JSON has no cycles'],
    ['a class instance', { a: new Led() }, 'payload.a: is a Led; send plain objects and arrays'],
    ['a Map', { a: new Map() }, 'payload.a: is a Map; send plain objects and arrays'],
    ['a Set', { a: [new Set()] }, 'payload.a[0]: is a Set; send plain objects and arrays'],
    ['an invalid Date', { a: new Date(Number.NaN) }, 'payload.a: the date is invalid'],
    ['a key with quotes', { 'a"b': Number.NaN }, 'payload["a\\"b"]: NaN is not a JSON number'],
    ['more than 64 levels', nested(65), `payload${'.a'.repeat(64)}: is nested more than 64 levels deep`],
  ])('%s', (_, payload, message) => {
    expect(() => parsePayload(payload)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', message: `invalid command: ${message}` }),
    );
  });

  test.each<[string, unknown, string]>([
    ['an array', [1], 'payload: must be a JSON object'],
    ['null', null, 'payload: must be a JSON object'],
    ['text', 'on', 'payload: must be a JSON object'],
    ['bytes', new Uint8Array(2), 'payload: must be a JSON object'],
    ['a Date', new Date(0), 'payload: must be a JSON object'],
    ['a class instance', new Led(), 'payload: is a Led; send plain objects and arrays'],
  ])('%s is no payload', (_, payload, message) => {
    expect(() => parsePayload(payload as Record<string, unknown>)).toThrow(`invalid command: ${message}`);
  });
});

describe('what JSON has no type for is converted', () => {
  test('bytes become lower-case hex, at any depth', () => {
    const view = new Uint8Array([0, 0xab, 0xcd, 0]).subarray(1, 3);
    expect(
      parsePayload({
        a: new Uint8Array([0xde, 0xad]),
        b: [{ c: Buffer.from('OK') }],
        view,
        none: new Uint8Array(),
      }),
    ).toStrictEqual({ a: 'dead', b: [{ c: '4f4b' }], view: 'abcd', none: '' });
  });

  test('dates become ISO 8601, at any depth', () => {
    expect(parsePayload({ at: [{ from: new Date('2026-01-31T12:00:00Z') }] })).toStrictEqual({
      at: [{ from: '2026-01-31T12:00:00.000Z' }],
    });
  });

  test('-0 becomes 0', () => {
    expect(parsePayload({ a: -0, b: [-0] })).toStrictEqual({ a: 0, b: [0] });
  });

  test('the payload given is left as it was', () => {
    const payload = { key: new Uint8Array([1]), list: [new Date(0)] };
    parsePayload(payload);
    expect(payload).toStrictEqual({ key: new Uint8Array([1]), list: [new Date(0)] });
  });
});

describe('what JSON carries is untouched', () => {
  test('64 levels', () => {
    expect(parsePayload(nested(64))).toStrictEqual(nested(64));
  });

  test('the same object in two places', () => {
    const shared = { a: 1 };
    expect(parsePayload({ x: shared, y: [shared] })).toStrictEqual({ x: { a: 1 }, y: [{ a: 1 }] });
  });

  test('objects of another realm, and objects without a prototype', () => {
    expect(parsePayload({ a: runInNewContext('({ b: [1] })') })).toEqual({ a: { b: [1] } });
    expect(parsePayload({ a: Object.assign(Object.create(null), { b: 1 }) })).toEqual({ a: { b: 1 } });
  });

  test.each([
    ['as it is', '{"__proto__":{"polluted":true}}'],
    ['beside a value that is converted', '{"__proto__":{"polluted":true},"zero":-0}'],
  ])('a key named "__proto__", %s', (_, json) => {
    const command = parseCommand({
      deviceId: 'device123',
      commandType: 'set_led',
      protocol: 'mqtt',
      topic: 'a',
      payload: JSON.parse(json),
      metadata: JSON.parse(json),
    });
    expect('polluted' in command.payload).toBe(false);
    const wire = encodeCommand(command).toString();
    expect(wire.match(/"__proto__":\{"polluted":true\}/g)).toHaveLength(2);
  });
});
