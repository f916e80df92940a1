import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyMergePatch,
  decodeLifecycleEvent,
  decodeSettings,
  encodeLifecycleEvent,
  encodeSettings,
  exactMember,
  exactNumbers,
  isSameJson,
  type JsonObject,
  type JsonValue,
  parseExactJson,
  parseJson,
  parseSettings,
} from '../index.js';

const texts = [
  '{"serial":1724442618569203714}',
  '{"temperature":21.0}',
  '{"a":1e2,"b":1E+2,"c":0.10,"d":-0.0,"f":0.0000001,"g":123456789012345678901234567890}',
  '{"list":[9007199254740993,[18446744073709551615,{"x":1.50}]]}',
  '{"__proto__":{"a":1.0},"b":-0}',
  '{"first":1.0,"text":"2.0, 3.0 ]"}',
];
const write = (value: unknown) => JSON.stringify(exactNumbers(value));
const read = (text: string) => parseExactJson(text) as JsonObject;

describe.each(texts)('the numbers of %s', (text) => {
  test('are written as they were read', () => {
    expect(write(parseExactJson(text))).toBe(text);
  });

  test('are kept in settings from a push to its reader', () => {
    const settings = parseSettings({ deviceId: 'd', settings: parseJson(text) as JsonObject });
    const decoded = decodeSettings(encodeSettings(settings));
    if (!decoded.ok) throw new Error(decoded.message);
    expect(write(decoded.settings.settings)).toBe(text);
  });

  test('are kept in the result of a device, for the reader of its event', () => {
    const event = { requestId: 'r', deviceId: 'd', state: 'succeeded', timestamp: new Date(0) } as const;
    const decoded = decodeLifecycleEvent(
      encodeLifecycleEvent({ ...event, result: parseExactJson(text) as JsonValue }),
    );
    if (!decoded.ok) throw new Error(decoded.message);
    expect(write(decoded.event.result)).toBe(text);
  });

  test('go along with a merge patch, and give way to newer ones', () => {
    const document = applyMergePatch({ other: read(text) }, { other: { added: 1 } });
    expect(write(document)).toBe(`{"other":${text.slice(0, -1)},"added":1}}`);
    const plain = JSON.parse(text) as JsonObject;
    expect(write(applyMergePatch(read(text), plain))).toBe(JSON.stringify(plain));
    expect(write(applyMergePatch(plain, read(text)))).toBe(text);
  });
});

test.each(['-0', '1e0', '21.0'])('of %s, at most 10,000 in a text are kept', (number) => {
  const list = (count: number) => `[${Array(count).fill(number).join(',')}]`;
  expect(JSON.stringify(exactNumbers(parseExactJson(list(10_000))))).toBe(list(10_000));
  const plain = JSON.stringify(JSON.parse(list(10_001)));
  expect(JSON.stringify(exactNumbers(parseExactJson(list(10_001))))).toBe(plain);
});

test('bigints of a program are digits in settings', () => {
  const settings = parseSettings({ deviceId: 'd', settings: { a: { serial: 1724442618569203714n } } });
  expect(encodeSettings(settings).toString()).toContain('"settings":{"a":{"serial":1724442618569203714}}');
});

test('numbers are compared with all their digits', () => {
  const same = (one: string, other: string) => isSameJson(read(`{"a":[${one}]}`), read(`{"a":[${other}]}`));
  expect(same('21.0', '21')).toBe(true);
  expect(same('1e2', '100.00')).toBe(true);
  expect(same('-0', '0.0')).toBe(true);
  expect(same('1724442618569203714', '1724442618569203700')).toBe(false);
  expect(same('0.1', '0.10000000000000000555')).toBe(false);
  expect(isSameJson({ a: 1 }, { b: 1 })).toBe(false);
  expect(isSameJson([], {})).toBe(false);
  expect(isSameJson({ a: null }, { a: {} })).toBe(false);
});

test('a member that no number holds is text', () => {
  const container = read('{"a":1724442618569203714,"b":21.0,"c":"x"}');
  expect(['a', 'b', 'c', 'd'].map((key) => exactMember(container, key))).toEqual([
    '1724442618569203714',
    21,
    'x',
    undefined,
  ]);
});

test('every JSON is read as JSON.parse reads it, and written as it came', () => {
  const number = fc
    .tuple(fc.bigInt(), fc.option(fc.nat()), fc.option(fc.integer({ min: -20, max: 20 })))
    .map(
      ([whole, part, exponent]) =>
        `${whole}${part === null ? '' : `.${part}0`}${exponent === null ? '' : `e${exponent}`}`,
    );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      number,
      fc.string().map((text) => JSON.stringify(text)),
      fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .uniqueArray(
          fc.tuple(
            fc.string().map((name) => `k${name}`),
            tie('json'),
          ),
          { selector: ([name]) => name, maxLength: 4 },
        )
        .map(
          (members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`,
        ),
    ),
  }));
  fc.assert(
    fc.property(json, (text) => {
      const whole = `{"a":${text}}`;
      const value = parseExactJson(whole);
      expect(value).toEqual(JSON.parse(whole));
      expect(write(value)).toBe(whole);
    }),
  );
});
