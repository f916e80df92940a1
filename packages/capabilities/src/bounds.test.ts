import { ConfigurationError, type JsonValue } from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCapabilities, type DeviceType, type JsonSchema, maxCheckedValues } from './index.js';

function lampOf(schema: JsonSchema): DeviceType {
  return {
    name: 'lamp',
    commands: { read: { result: schema, mayBeRepeated: true } },
    settings: { name: schema },
  };
}

function capabilitiesOf(schema: JsonSchema) {
  return createCapabilities({ types: [lampOf(schema)], typeOf: () => 'lamp' });
}

/** The messages of the issues of what a device answers. */
function messages(schema: JsonSchema, result: JsonValue): string[] {
  const answer = { deviceId: 'lamp-7', commandType: 'read', result };
  return (
    capabilitiesOf(schema)
      .checkResult(answer)
      ?.issues.map(({ message }) => message) ?? []
  );
}

describe('a pattern takes time in proportion to the text', () => {
  const evil = '^(a+)+$';
  const text = `${'a'.repeat(100_000)}!`;

  test('of a value', () => {
    expect(messages({ type: 'string', pattern: evil }, text)).toEqual([`must match pattern "${evil}"`]);
    expect(messages({ type: 'string', pattern: evil }, 'aaa')).toEqual([]);
  });

  test('of a name', () => {
    const schema = { type: 'object', patternProperties: { [evil]: true }, additionalProperties: false };
    expect(messages(schema, { [text]: 1 })).toHaveLength(1);
    expect(messages(schema, { aaa: 1 })).toEqual([]);
    expect(messages({ type: 'object', propertyNames: { pattern: evil } }, { [text]: 1 })).toHaveLength(2);
  });
});

test.each(['date-time', 'email', 'uri', 'uri-reference', 'uri-template', 'ipv6', 'json-pointer', 'byte'])(
  'the format %s takes time in proportion to the text',
  (format) => {
    for (const part of ['a', '1:', '//', ':', '%20', '{a}', '.a']) {
      expect(messages({ type: 'string', format }, `http://${part.repeat(50_000)}\0`)).toHaveLength(1);
    }
  },
);

describe('a pattern has the meaning that JSON Schema gives it', () => {
  test.each([
    ['^\\p{L}+$', 'Ümlaut', true],
    ['^\\u0041\\u{1F600}$', 'A😀', true],
    ['^\\uD83D\\uDE00$', '😀', true],
    ['^.$', '😀', true],
    ['a|b', 'xbx', true],
    ['^a$', 'a\n', false],
    ['^(?<year>\\d{4})-\\d\\d$', '2026-11', true],
    ['^[^]$', '\n', true],
    ['^[\\w.-]+\\/$', 'a.b-c/', true],
  ])('%s of %j: %s', (pattern, text, fits) => {
    expect(new RegExp(pattern, 'u').test(text)).toBe(fits);
    expect(messages({ type: 'string', pattern }, text)).toHaveLength(fits ? 0 : 1);
  });

  test('of any parts', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '\\d', '\\w', '\\.', '(?:ab)', '(b|)', '\\u0061');
    const times = fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}', '*?');
    const pattern = fc
      .array(fc.tuple(atom, times), { minLength: 1, maxLength: 5 })
      .map((parts) => `^${parts.map((part) => part.join('')).join('')}$`);
    const text = fc
      .array(fc.constantFrom('a', 'b', '1', '.'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, fc.array(text, { maxLength: 20 }), (pattern, texts) => {
        const expected = texts.filter((each) => !new RegExp(pattern, 'u').test(each));
        const schema = { type: 'array', items: { type: 'string', pattern } };
        expect(messages(schema, texts)).toHaveLength(Math.min(expected.length, 11));
      }),
    );
  });
});

describe('a pattern is refused that cannot be matched in linear time', () => {
  test.each([
    ['(?=a)b', 'look-ahead'],
    ['(?<!a)b', 'look-behind'],
    ['^(a)\\1$', 'back-reference'],
    ['^(?<x>a)\\k<x>$', 'named back-reference'],
    ['a{2000}', 'a repetition of more than 1,000'],
    ['[[:alpha:]]', 'a class that JSON Schema reads otherwise'],
    ['(a', 'no expression'],
  ])('%s (%s)', (pattern) => {
    const nested = {
      type: 'object',
      properties: { tags: { items: { pattern, type: 'string' }, type: 'array' } },
    };
    expect(() => capabilitiesOf(nested)).toThrow(ConfigurationError);
    expect(() => capabilitiesOf(nested)).toThrow(
      'the device type "lamp": commands.read.result.properties.tags.items.pattern: ',
    );
    expect(() => capabilitiesOf({ type: 'object', patternProperties: { [pattern]: true } })).toThrow(
      'commands.read.result.patternProperties',
    );
    expect(() => capabilitiesOf(nested)).toThrow('RE2');
  });

  test('format url', () => {
    expect(() => capabilitiesOf({ type: 'string', format: 'url' })).toThrow(
      'commands.read.result.format: "url" cannot be checked in linear time; use "uri"',
    );
  });
});

describe('items are compared in linear time', () => {
  const schema = { type: 'array', uniqueItems: true };
  const objects = Array.from({ length: 30_000 }, (_, index) => ({ index, room: [index] }));

  test('of 100,000 items', () => {
    const items = Array.from({ length: 100_000 }, (_, index) => `item ${index}`);
    expect(messages(schema, items)).toEqual([]);
    expect(messages(schema, [...items, 'item 7'])).toEqual([
      'must NOT have duplicate items (items ## 7 and 100000 are identical)',
    ]);
  });

  test('of objects, whatever the order of their names', () => {
    expect(messages(schema, objects)).toEqual([]);
    expect(messages(schema, [...objects, { room: [7], index: 7 }])).toHaveLength(1);
  });

  test.each<[JsonValue[], boolean]>([
    [[1, '1', true, 'true', null, 'null', [], {}, '', [[]]], true],
    [[0, -0], false],
    [[{ a: 1 }, { a: 1, b: 1 }], true],
    [[['a,b'], ['a', 'b']], true],
  ])('%j: %s', (items, unique) => {
    expect(messages(schema, items)).toHaveLength(unique ? 0 : 1);
    expect(messages({ ...schema, uniqueItems: false }, items)).toEqual([]);
  });
});

describe('a value has a bound', () => {
  test('on its values', () => {
    expect(
      messages(
        true,
        Array.from({ length: maxCheckedValues - 1 }, () => 0),
      ),
    ).toEqual([]);
    expect(
      messages(
        true,
        Array.from({ length: maxCheckedValues }, () => 0),
      ),
    ).toEqual([`has more than ${maxCheckedValues} values and is not checked; send less`]);
  });

  test('on its depth', () => {
    const list = { type: 'array', items: { $ref: '#/$defs/list' } };
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(messages({ $ref: '#/$defs/list', $defs: { list } }, deep)).toEqual([
      'is nested more than 64 levels deep and is not checked; send less',
    ]);
  });

  test('on its settings together', () => {
    const { checkSettings } = capabilitiesOf(true);
    const settings = { name: Array.from({ length: maxCheckedValues }, () => 0) };
    expect(checkSettings({ deviceId: 'lamp-7', settings })?.issues).toHaveLength(1);
  });
});

test('of a value with more than 10,000 values, the error has the first issue alone', () => {
  const zeros = Array.from({ length: 10_000 }, () => 0);
  expect(messages({ type: 'array', items: { type: 'string' } }, zeros)).toEqual(['must be string']);
  const choice = {
    anyOf: [
      { type: 'array', items: { type: 'string' } },
      { type: 'array', items: { type: 'number' } },
    ],
  };
  expect(messages(choice, zeros)).toEqual([]);
  expect(messages(choice, [...zeros, 'a'])).toHaveLength(1);
});

test('of many issues, the error has few and the number of the others', () => {
  const items = { anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] };
  expect(
    messages(
      { type: 'array', items },
      Array.from({ length: 9_999 }, () => 0),
    ).at(-1),
  ).toBe('and 9989 more');

  const names = Array.from({ length: 50_000 }, (_, index) => [`${'name'.repeat(10)}${index}`, 1]);
  const settings = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`${'nome'.repeat(10)}${index}`, true]),
  );
  const type = { ...lampOf(true), settings };
  const { checkSettings } = createCapabilities({ types: [type], typeOf: () => 'lamp' });
  const issues = checkSettings({ deviceId: 'lamp-7', settings: Object.fromEntries(names) })?.issues;
  expect(issues).toHaveLength(11);
  expect(issues?.at(-1)?.message).toBe('and 49990 more');
});
