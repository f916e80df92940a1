import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '@preservarium/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCapabilities, readDeviceTypes } from './index.js';

let path: string;
beforeAll(() => {
  path = join(mkdtempSync(join(tmpdir(), 'capabilities-')), 'lamp.yaml');
});
afterAll(() => rmSync(join(path, '..'), { recursive: true }));

function read(content: unknown) {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readDeviceTypes(path);
}

const plain = {
  types: {
    lamp: {
      description: 'A lamp.',
      commands: {
        set_led: {
          description: 'Switches the light.',
          payload: {
            type: 'object',
            required: ['state'],
            properties: { state: { type: 'string', enum: ['on', 'off'] } },
          },
          result: { type: 'number' },
          mayBeRepeated: true,
        },
        blink: {},
      },
      settings: { brightness: { type: 'integer', minimum: 0, maximum: 100 } },
    },
  },
};
const forms = [{ href: 'coap://lamp.example/led' }];
const thingDescription = {
  '@context': ['https://www.w3.org/2022/wot/td/v1.1', { iot: 'https://iot.example/' }],
  '@type': 'iot:Lamp',
  title: 'lamp',
  description: 'A lamp.',
  securityDefinitions: { none: { scheme: 'nosec' } },
  security: ['none'],
  actions: {
    set_led: {
      description: 'Switches the light.',
      idempotent: true,
      input: {
        type: 'object',
        'iot:group': 'light',
        required: ['state'],
        properties: { state: { '@type': 'iot:State', type: 'string', unit: 'none', enum: ['on', 'off'] } },
      },
      output: { type: 'number', unit: 'watt' },
      forms,
    },
    blink: { forms },
  },
  properties: {
    brightness: { type: 'integer', minimum: 0, maximum: 100, unit: 'percent', observable: true, forms },
    temperature: { type: 'number', readOnly: true, forms },
  },
};

test('the plain form, in JSON or YAML, has what it says', () => {
  const [lamp] = read(plain);
  expect(lamp).toEqual({
    name: 'lamp',
    ...plain.types.lamp,
    commands: { ...plain.types.lamp.commands, blink: { mayBeRepeated: false } },
  });
  expect(read('types:\n  lamp:\n    commands:\n      blink: { timeoutMs: 5000 } # slow\n')).toEqual([
    { name: 'lamp', commands: { blink: { timeoutMs: 5_000, mayBeRepeated: false } }, settings: {} },
  ]);
});

test('a Thing Description is the same type as the plain form of it', () => {
  expect(read(thingDescription)).toEqual(read(plain));
});

test('a tuple of a Thing Description is one', () => {
  const { actions } = thingDescription;
  const point = { type: 'array', items: [{ type: 'number' }, { type: 'string' }], minItems: 2, maxItems: 2 };
  const input = { type: 'object', properties: { point } };
  const types = read({ ...thingDescription, actions: { ...actions, move: { input, forms } } });
  const { check } = createCapabilities({ types, typeOf: () => 'lamp' });
  const move = { deviceId: 'lamp-7', commandType: 'move' };
  expect(check({ ...move, payload: { point: [1, 'm'] } })).toBeUndefined();
  expect(check({ ...move, payload: { point: ['m', 1] } })?.issues).toHaveLength(2);
});

describe('a file is refused', () => {
  const lamp = (change: object) => ({ types: { lamp: { ...plain.types.lamp, ...change } } });
  test.each<[string, unknown]>([
    ['it: must be object', ''],
    ['it: must be object', '[]'],
    ['types: is required', {}],
    ['types: must NOT have fewer than 1 properties', { types: {} }],
    ['cannot be read: Map keys must be unique at line 3, column 3', 'types:\n  lamp: {}\n  lamp: {}\n'],
    ['cannot be read: Expected property name', '{ "types": {'],
    [
      'types.lamp.command: is not known; did you mean "commands"? allowed: "description", "mqtt", "http", "coap", "commands", "settings"',
      lamp({ command: {} }),
    ],
    ['types.lamp.commands.blink.timeoutMs: must be >= 1', lamp({ commands: { blink: { timeoutMs: 0 } } })],
    ['types.lamp.commands.blink.payload: must be object', lamp({ commands: { blink: { payload: 'any' } } })],
    ['types.lamp.commands: must NOT have fewer than 1 characters', lamp({ commands: { '': {} } })],
    ['title: is required', { ...thingDescription, title: undefined }],
    ['title: must not be empty', { ...thingDescription, title: '' }],
    ['@type: is tm:ThingModel', { ...thingDescription, '@type': ['tm:ThingModel'] }],
    [
      'must be one of ["boolean","integer","number","string","object","array","null"]',
      { ...thingDescription, actions: { fly: { input: { type: 'any' }, forms } } },
    ],
    ['@context', { ...thingDescription, '@context': 'https://example.com' }],
    [
      'settings.place.patternProperties["(?=a)"]: cannot be matched in linear time',
      lamp({ settings: { place: { type: 'object', patternProperties: { '(?=a)': {} } } } }),
    ],
    [
      'actions.fly.input.properties.to.pattern: cannot be matched in linear time',
      {
        ...thingDescription,
        actions: {
          fly: {
            input: { type: 'object', properties: { to: { type: 'string', pattern: '^(?!home)' } } },
            forms,
          },
        },
      },
    ],
    [
      'properties.hue.oneOf[0].pattern: has a back-reference',
      {
        ...thingDescription,
        properties: { hue: { oneOf: [{ type: 'string', pattern: '(?<x>a)\\k<x>' }], forms } },
      },
    ],
  ])('%s', (problem, content) => {
    expect(() => read(content)).toThrow(ConfigurationError);
    expect(() => read(content)).toThrow(`capabilities ${path}: `);
    expect(() => read(content)).toThrow(problem);
  });

  test('cannot be read: it is not there', () => {
    expect(() => readDeviceTypes(`${path}.missing`)).toThrow(
      `capabilities ${path}.missing: cannot be read: ENOENT`,
    );
  });
});

test.each([
  ['the plain form', plain],
  ['a Thing Description', thingDescription],
])('%s with anything in any place is read, or refused with a coded error that names the file', (_, whole) => {
  const places = placesOf(whole);
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) => {
      try {
        const types = read(withValue(whole, place, value));
        createCapabilities({ types, typeOf: () => undefined });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
        expect(String(error)).toContain(path);
      }
    }),
  );
});

type Place = readonly string[];

function placesOf(value: unknown, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([name, nested]) => placesOf(nested, [...place, name]))];
}

function withValue(whole: unknown, [step, ...rest]: Place, value: unknown): unknown {
  if (step === undefined) return value;
  const copy: Record<string, unknown> = { ...(whole as Record<string, unknown>) };
  copy[step] = withValue(copy[step], rest, value);
  return Array.isArray(whole) ? Object.values(copy) : copy;
}
