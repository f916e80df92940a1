import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberSource } from '../codec/member-source.js';
import {
  decodeCommand,
  encodeCommand,
  encodeSettings,
  type JsonObject,
  jsonSourceOf,
  keepPayloadSource,
  parseCommand,
  parseCommandDict,
  parseJson,
  parseSettings,
  toPayload,
} from '../index.js';

const command = { requestId: 'r1', deviceId: 'd1', commandType: 'set', protocol: 'mqtt' } as const;

/** Payloads that JSON.parse and JSON.stringify would change. */
const texts = [
  '{"serial":1724442618569203714}',
  '{"temperature":21.0}',
  '{"a":1e2,"b":1E+2,"c":0.10,"d":-0,"e":-0.0,"f":1e-7,"g":123456789012345678901234567890}',
  '{ "a" : [ 1 , 2 ] }',
  '{"b":1,"a":2,"1":3,"0":4}',
  '{"a":1,"a":2}',
  '{"__proto__":{"a":1}}',
  '{"text":"\\u00e9\\/\\ud800"}',
  '{"deep":{"list":[{"id":9007199254740993},[18446744073709551615]]}}',
];

function decode(value: Buffer) {
  const decoded = decodeCommand(value);
  if (decoded.ok) keepPayloadSource(decoded.command.payload, value);
  return decoded;
}

describe.each(texts)('the payload %s', (text) => {
  const source = (payload: object) => Buffer.from(jsonSourceOf(payload) ?? []).toString();

  test('as text for a push goes into the record, and out of it, as it is', () => {
    const payload = parseJson(text) as Record<string, unknown>;
    const value = encodeCommand(parseCommand({ ...command, payload }));
    expect(value.toString()).toContain(`"payload":${text},`);
    const decoded = decode(value);
    if (!decoded.ok) throw new Error(decoded.message);
    expect(source(decoded.command.payload)).toBe(text);
    expect(encodeCommand(decoded.command, decoded.unknownFields)).toEqual(value);
    expect(JSON.stringify(decoded.command.payload)).toBe(JSON.stringify(payload));
  });

  test('in a line of snake_case, and in a record of another producer, is kept', () => {
    const line = `{"device_id":"d1","metadata":{"payload":{"no":1}},"payload": ${text} ,"command_type":"\\"payload\\":","protocol":"mqtt"}`;
    const dict = parseJson(line) as Record<string, unknown>;
    expect(source(parseCommandDict(dict).payload)).toBe(text);
    const decoded = decode(Buffer.from(`\ufeff${line}`));
    if (!decoded.ok) throw new Error(decoded.message);
    expect(source(decoded.command.payload)).toBe(text);
  });
});

test('of repeated payloads the last counts, also where its name is escaped', () => {
  const record =
    '{"payload":{"a":1},"p\\u0061yload":{"a":2.0},"device_id":"d","command_type":"t","protocol":"mqtt"}';
  const decoded = decode(Buffer.from(record));
  if (!decoded.ok) throw new Error(decoded.message);
  expect(decoded.command.payload).toEqual({ a: 2 });
  expect(Buffer.from(jsonSourceOf(decoded.command.payload) ?? []).toString()).toBe('{"a":2.0}');
});

test('the source of a member is the text of the value that JSON.parse has for it', () => {
  const names = fc.oneof(fc.constantFrom('payload', 'a', '"', '\\', '{'), fc.string());
  fc.assert(
    fc.property(
      fc.dictionary(names, fc.jsonValue()),
      fc.constantFrom(undefined, 1, '\t'),
      (object, indent) => {
        const json = Buffer.from(JSON.stringify(object, undefined, indent));
        for (const name of [...Object.keys(object), 'payload']) {
          const source = memberSource(json, name);
          if (!Object.hasOwn(object, name)) expect(source).toBeUndefined();
          else
            expect(JSON.parse(String(source && Buffer.from(source)))).toEqual(
              JSON.parse(JSON.stringify(object[name])),
            );
        }
      },
    ),
  );
});

describe('a payload that a program changes', () => {
  type Changeable = Record<string, unknown> & { deep: { list: unknown[] } };
  const text = '{"temperature":21.0,"deep":{"list":[1.0]}}';
  const written = (payload: object) => {
    const value = encodeCommand(parseCommand({ ...command, payload: payload as Record<string, unknown> }));
    return /"payload":(.*),"protocol"/.exec(value.toString())?.[1];
  };

  test.each<[string, (payload: Changeable) => void, string]>([
    ['a member', (payload) => (payload.temperature = 22), '{"temperature":22,"deep":{"list":[1]}}'],
    ['a nested one', ({ deep }) => deep.list.push(2), '{"temperature":21,"deep":{"list":[1,2]}}'],
    [
      'a bigint',
      (payload) => (payload.serial = 1724442618569203714n),
      '{"temperature":21,"deep":{"list":[1]},"serial":1724442618569203714}',
    ],
    [
      'bytes',
      (payload) => (payload.temperature = new Uint8Array([255])),
      '{"temperature":"ff","deep":{"list":[1]}}',
    ],
  ])('before it is pushed goes out as it is then: %s', (_, change, expected) => {
    const alone = parseJson(text) as Changeable;
    change(alone);
    expect(written(alone)).toBe(expected);
    const { payload } = parseJson(`{"payload":${text}}`) as { payload: Changeable };
    change(payload);
    expect(written(payload)).toBe(expected);
    const wrapped = toPayload(payload as JsonObject);
    expect(jsonSourceOf(wrapped)).toBeUndefined();
  });

  test('and that is pushed a second time has the change', () => {
    const payload = parseJson(text) as Changeable;
    expect(written(payload)).toBe(text);
    payload.temperature = 22;
    expect(written(payload)).toBe('{"temperature":22,"deep":{"list":[1]}}');
  });

  test('after the command was made does not change the command', () => {
    const payload = parseJson(text) as Changeable;
    const parsed = parseCommand({ ...command, payload });
    payload.temperature = 22;
    payload.deep.list.push(2);
    expect(parsed.payload).toEqual({ temperature: 21, deep: { list: [1] } });
    expect(encodeCommand(parsed).toString()).toContain(`"payload":${text},`);
    const ofCommand = parsed.payload as Changeable;
    expect(() => ofCommand.deep.list.push(2)).toThrow(TypeError);
    const copy = { ...parsed, payload: { ...parsed.payload, temperature: 23 } };
    expect(encodeCommand(copy).toString()).toContain('"payload":{"temperature":23,"deep":{"list":[1]}},');
  });

  test('keeps no integer that a number does not hold', () => {
    const payload = parseJson('{"serial":1724442618569203714}') as Record<string, unknown>;
    payload.more = true;
    expect(() => parseCommand({ ...command, payload })).toThrow('payload.serial: is an integer beyond');
  });

  test('settings go out as they are then', () => {
    const settings = parseJson('{"serial":21.0}') as Record<string, unknown>;
    settings.serial = 22;
    const parsed = parseSettings({ deviceId: 'd1', settings: settings as JsonObject });
    expect(encodeSettings(parsed).toString()).toContain('"settings":{"serial":22}');
  });
});

test('a payload of a program is written anew, with bigints as digits', () => {
  const payload = { serial: 1724442618569203714n, list: [{ id: -1n }], bytes: new Uint8Array([255]) };
  const parsed = parseCommand({ ...command, payload });
  expect(parsed.payload).toEqual({ serial: 1724442618569203700, list: [{ id: -1 }], bytes: 'ff' });
  expect(encodeCommand(parsed).toString()).toContain(
    '"payload":{"serial":1724442618569203714,"list":[{"id":-1}],"bytes":"ff"},',
  );
});

describe('integers that cannot be kept are refused with their places', () => {
  test.each([
    ['payload.a[0]', { payload: { a: [2 ** 53] } }],
    ['payload.serial', { payload: { serial: Number('1724442618569203714') } }],
    ['payload.serial', { payload: { serial: -(2 ** 60) } }],
    ['metadata.serial', { metadata: { serial: 2 ** 64 } }],
    ['metadata.serial', { metadata: { serial: 1724442618569203714n } }],
  ])('%s', (path, given) => {
    expect(() => parseCommand({ ...command, ...given })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', issues: [expect.objectContaining({ path })] }),
    );
  });

  test('in settings of a program', () => {
    const settings = { a: { serial: Number('1724442618569203714') } };
    expect(() => parseSettings({ deviceId: 'd1', settings })).toThrow(
      'settings.a.serial: is an integer beyond',
    );
  });

  test('floats beyond are as they were', () => {
    const { payload } = parseCommand({
      ...command,
      payload: { a: 1e21, b: 1.5e300, c: 9007199254740991, d: 0.1 },
    });
    expect(JSON.stringify(payload)).toBe('{"a":1e+21,"b":1.5e+300,"c":9007199254740991,"d":0.1}');
  });
});
