import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@preservarium/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCapabilities, generateTypes, readDeviceTypes } from './index.js';

let path: string;
beforeAll(() => {
  path = join(mkdtempSync(join(tmpdir(), 'capabilities-')), 'thing.json');
});
afterAll(() => rmSync(join(path, '..'), { recursive: true }));

const forms = [{ href: 'https://thing.example/' }];

function thingWith(input: JsonObject | undefined, others: object = {}) {
  return {
    '@context': 'https://www.w3.org/2022/wot/td/v1.1',
    title: 'thing',
    securityDefinitions: { none: { scheme: 'nosec' } },
    security: 'none',
    actions: { act: { ...(input && { input }), forms } },
    ...others,
  };
}

function plainWith(payload: JsonObject | undefined) {
  return { types: { thing: { commands: { act: { ...(payload && { payload }) } } } } };
}

function read(content: unknown, strict = false) {
  writeFileSync(path, JSON.stringify(content));
  const warnings: string[] = [];
  const types = readDeviceTypes(path, { strict, onWarning: (warning) => warnings.push(warning) });
  const { check } = createCapabilities({ types, typeOf: () => 'thing' });
  const accepts = (payload: JsonObject) =>
    check({ deviceId: 'thing-1', commandType: 'act', payload }) === undefined;
  return { types, warnings, accepts };
}

interface Kind {
  readonly input?: JsonObject;
  readonly fits: readonly JsonObject[];
  readonly misfits: readonly JsonObject[];
  /** The terms that are ignored. */
  readonly ignored?: readonly string[];
  readonly strict: 'reads it' | 'refuses it';
  /** The schema of Thing Descriptions does not allow it. */
  readonly isNoThing?: boolean;
}

const on = { type: 'boolean' };
const kinds: Readonly<Record<string, Kind>> = {
  'terms of other vocabularies': {
    input: {
      type: 'object',
      name: 'light',
      properties: {
        on: { ...on, friendly_name: 'On', example: true, writable: true, displayUnits: ['none'] },
      },
    },
    fits: [{ on: true }],
    misfits: [{ on: 1 }],
    ignored: ['name', 'friendly_name', 'example', 'writable', 'displayUnits'],
    strict: 'refuses it',
  },
  'a misspelled keyword': {
    input: { type: 'object', properties: { level: { type: 'number', minimun: 0 } } },
    fits: [{ level: -1 }],
    misfits: [{ level: '1' }],
    ignored: ['minimun'],
    strict: 'refuses it',
  },
  'x- keywords': {
    input: { type: 'object', 'x-group': 'light', properties: { on: { ...on, 'x-order': 1 } } },
    fits: [{ on: true }],
    misfits: [{ on: 1 }],
    strict: 'refuses it',
  },
  'draft 07, whose $ref stands alone': {
    input: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      definitions: { level: { type: 'integer' } },
      properties: { level: { $ref: '#/definitions/level', minimum: 10 } },
    },
    fits: [{ level: 1 }],
    misfits: [{ level: 'x' }],
    strict: 'refuses it',
  },
  'draft 04, whose limits are exclusive by a boolean': {
    input: {
      $schema: 'http://json-schema.org/draft-04/schema#',
      type: 'object',
      properties: {
        level: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false },
      },
    },
    fits: [{ level: 1 }, { level: 5 }],
    misfits: [{ level: 0 }, { level: 6 }],
    strict: 'refuses it',
    isNoThing: true,
  },
  'draft 04, which names itself by its id': {
    input: {
      $schema: 'http://json-schema.org/draft-04/schema#',
      id: 'https://example.com/level.json',
      type: 'object',
      definitions: { level: { id: '#level', type: 'integer' } },
      properties: { level: { $ref: '#level' }, id: { type: 'string' } },
    },
    fits: [{ level: 1, id: 'a' }],
    misfits: [{ level: 'x' }, { id: 1 }],
    strict: 'refuses it',
  },
  'draft 07, whose names of parts are ids': {
    input: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      definitions: { level: { $id: '#level', type: 'integer' } },
      properties: { level: { $ref: '#level' } },
    },
    fits: [{ level: 1 }],
    misfits: [{ level: 'x' }],
    strict: 'refuses it',
  },
  'a schema that refers to itself, and names its parts': {
    input: {
      type: 'object',
      properties: { level: { $ref: '#level' }, below: { $ref: '#' } },
      $defs: { level: { $anchor: 'level', type: 'integer' } },
    },
    fits: [{ below: { level: 1 } }],
    misfits: [{ below: { level: 'x' } }],
    strict: 'reads it',
  },
  'draft 2019-09, which refers to itself': {
    input: {
      $schema: 'https://json-schema.org/draft/2019-09/schema',
      $recursiveAnchor: true,
      type: 'object',
      properties: { level: { type: 'integer' }, below: { $recursiveRef: '#' } },
    },
    fits: [{ below: { level: 1 } }],
    misfits: [{ below: { level: 'x' } }],
    strict: 'refuses it',
  },
  'an id that is no keyword': {
    input: { type: 'object', id: 7, properties: { on: { ...on, id: 'on' } } },
    fits: [{ on: true }],
    misfits: [{ on: 1 }],
    ignored: ['id', 'id'],
    strict: 'refuses it',
  },
  'nullable, with and without a type': {
    input: { type: 'object', properties: { on: { ...on, nullable: true }, level: { nullable: true } } },
    fits: [{ on: null, level: null }],
    misfits: [{ on: 1 }],
    ignored: ['nullable'],
    strict: 'refuses it',
  },
  'a draft that nobody knows': {
    input: { $schema: 'https://example.com/schema', type: 'object', properties: { on } },
    fits: [{ on: true }],
    misfits: [{ on: 1 }],
    ignored: ['$schema'],
    strict: 'refuses it',
  },
  'a tuple without limits': {
    input: {
      type: 'object',
      properties: { at: { type: 'array', items: [{ type: 'number' }, { type: 'string' }] } },
    },
    fits: [{ at: [1, 'm'] }, { at: [1] }, { at: [1, 'm', null] }],
    misfits: [{ at: ['m'] }],
    strict: 'refuses it',
  },
  'a tuple that is closed': {
    input: {
      type: 'object',
      properties: { at: { type: 'array', items: [{ type: 'number' }], additionalItems: false } },
    },
    fits: [{ at: [1] }],
    misfits: [{ at: [1, 2] }],
    strict: 'refuses it',
  },
  'a limit without a type': {
    input: { type: 'object', properties: { level: { minimum: 0, maximum: 10 } } },
    fits: [{ level: 1 }, { level: 'high' }],
    misfits: [{ level: 11 }],
    strict: 'refuses it',
  },
  'properties without a type': {
    input: { properties: { on } },
    fits: [{ on: true }],
    misfits: [{ on: 1 }],
    strict: 'reads it',
  },
  'one of several objects': {
    input: {
      oneOf: [
        { properties: { on }, required: ['on'] },
        { properties: { level: { type: 'integer' } }, required: ['level'] },
      ],
    },
    fits: [{ on: true }, { level: 1 }],
    misfits: [{}, { on: true, level: 1 }],
    strict: 'reads it',
  },
  'an unknown format': {
    input: {
      type: 'object',
      properties: {
        color: { type: 'string', format: 'hex-color' },
        at: { type: 'string', format: 'date-time' },
        to: { type: 'string', format: 'url' },
      },
    },
    fits: [{ color: '#zz' }, { to: '?' }],
    misfits: [{ color: 1 }, { at: 'now' }],
    ignored: ['format', 'format'],
    strict: 'refuses it',
  },
  'no input': { fits: [{}], misfits: [{ a: 1 }], strict: 'reads it' },
  'an input that may be anything': { input: {}, fits: [{}, { a: 1 }], misfits: [], strict: 'reads it' },
  'an input that is a number': {
    input: { type: 'number', maximum: 100 },
    fits: [{ $value: 21.5 }],
    misfits: [{ $value: 101 }, { $value: 'x' }, {}, { $value: 1, more: 1 }],
    strict: 'reads it',
  },
  'an input that is a text': {
    input: { type: 'string', enum: ['ON', 'OFF'] },
    fits: [{ $value: 'ON' }],
    misfits: [{ $value: 'on' }],
    strict: 'reads it',
  },
  'an input of some texts, without a type': {
    input: { enum: ['ON', 'OFF'] },
    fits: [{ $value: 'ON' }],
    misfits: [{ $value: 'on' }, {}, { a: 1 }],
    strict: 'reads it',
  },
  'an input of one text, without a type': {
    input: { const: 'ON' },
    fits: [{ $value: 'ON' }],
    misfits: [{ $value: 'OFF' }, {}],
    strict: 'reads it',
  },
  'an input that is one of several texts, each with a title': {
    input: { oneOf: [{ const: 'ON', title: 'On' }, { type: 'integer' }] },
    fits: [{ $value: 'ON' }, { $value: 1 }],
    misfits: [{ $value: 1.5 }, {}],
    strict: 'reads it',
  },
  'an input that is some objects, without a type': {
    input: { enum: [{ on: true }, 'ON'] },
    fits: [{ on: true }],
    misfits: [{ on: false }],
    strict: 'reads it',
  },
  'an input that is a list': {
    input: { type: 'array', items: { $ref: '#/$defs/one' }, $defs: { one: { type: 'integer' } } },
    fits: [{ $value: [1, 2] }],
    misfits: [{ $value: ['x'] }],
    strict: 'reads it',
  },
};

describe.each([
  ['a Thing Description', thingWith, Object.entries(kinds).filter(([, kind]) => !kind.isNoThing)],
  ['the plain form', plainWith, Object.entries(kinds)],
] as const)('%s with', (_, documentOf, all) => {
  test.each(all)('%s', (_name, { input, fits, misfits, ignored = [], strict }) => {
    const { accepts, warnings } = read(documentOf(input));
    expect(fits.filter((payload) => !accepts(payload))).toEqual([]);
    expect(misfits.filter(accepts)).toEqual([]);
    expect(warnings.map((warning) => /\.([$\w-]+): (?:is|names|says|")/.exec(warning)?.[1])).toEqual(ignored);
    if (strict === 'reads it') expect(read(documentOf(input), true).warnings).toEqual([]);
  });
});

test.each(Object.entries(kinds).filter(([, { strict }]) => strict === 'refuses it'))(
  'strictly, %s is refused in the plain form',
  (_, { input }) => {
    expect(() => read(plainWith(input), true)).toThrow(`capabilities ${path}: `);
  },
);

test('strictly, an error says the place and what was meant', () => {
  expect(() => read(plainWith(kinds['a misspelled keyword']?.input), true)).toThrow(
    `the device type "thing": commands.act.payload.properties.level.minimun: is no keyword of JSON Schema; did you mean "minimum"?`,
  );
});

test('a warning says the file, the place and what was meant', () => {
  const { warnings } = read(thingWith(kinds['a misspelled keyword']?.input));
  expect(warnings).toEqual([
    `capabilities ${path}: actions.act.input.properties.level.minimun: is no keyword of JSON Schema, and is ignored; did you mean "minimum"?`,
  ]);
});

test('a Thing Description of the version before, with terms of its vendor in all places, is read', () => {
  const thing = thingWith(undefined, {
    '@context': [
      'https://www.w3.org/2019/wot/td/v1',
      { saref: 'https://w3id.org/saref#', '@language': 'en' },
    ],
    '@type': ['saref:Device'],
    href: '/things/1',
    layoutIndex: 0,
    iconHref: null,
    properties: {
      level: {
        type: 'integer',
        'saref:unit': 'percent',
        writable: true,
        forms: [{ href: 'level', 'htv:methodName': 'PUT' }],
      },
      state: { type: 'object', readOnly: true, properties: { name: { type: 'string' } }, forms },
    },
    actions: { act: { title: 'Act', type: 'do', safe: true, forms } },
    events: { happened: { type: 'number', data: { type: 'number' }, forms } },
  });
  const { types, warnings } = read(thing);
  expect(types).toEqual([
    { name: 'thing', commands: { act: { mayBeRepeated: true } }, settings: { level: { type: 'integer' } } },
  ]);
  expect(warnings).toHaveLength(1);
});

test('the generated type of a payload that is no object has it as $value', () => {
  const { types } = read(thingWith({ type: 'string', enum: ['ON', 'OFF'] }));
  expect(generateTypes(types)).toContain('readonly $value: "ON" | "OFF"');
});

test('two commands may have schemas with one id', () => {
  const payload = { $id: 'https://example.com/same', type: 'object', properties: { on } };
  const other = { ...payload, properties: { on: { type: 'integer' } } };
  const { types } = read({ types: { thing: { commands: { act: { payload }, other: { payload: other } } } } });
  const { check } = createCapabilities({ types, typeOf: () => 'thing' });
  const fits = (commandType: string, value: unknown) =>
    check({ deviceId: 'thing-1', commandType, payload: { on: value } as JsonObject }) === undefined;
  expect([fits('act', true), fits('act', 1), fits('other', 1), fits('other', true)]).toEqual([
    ...[true, false, true, false],
  ]);
});

describe('a mistake in a part of a Thing Description that is not read', () => {
  const form = forms[0];
  const withForms = (...all: object[]) => ({ actions: { act: { forms: all } } });
  test.each<[string, object]>([
    [
      'actions.act.forms[0].response.contentType: is required',
      withForms({ ...form, response: { 'htv:statusCodeValue': 201 } }),
    ],
    ['actions.act.forms[0].op: must fit', withForms({ ...form, op: 'invokeAction' })],
    ['actions.act.forms: is required', { actions: { act: {} } }],
    ['actions.act.synchronous: must be boolean', { actions: { act: { forms, synchronous: 'no' } } }],
    ['security: is required', { security: undefined }],
    ['securityDefinitions.none.scheme: must', { securityDefinitions: { none: { scheme: 'token' } } }],
    ['events.happened.forms: is required', { events: { happened: {} } }],
    ['links[0].href: is required', { links: [{ rel: 'icon' }] }],
    ['version.instance: is required', { version: { model: '1' } }],
    ['properties.level.observable: must be boolean', { properties: { level: { forms, observable: 0 } } }],
    ['["@context"]: must', { '@context': 'https://www.w3.org/2019/wot/td/v1.1' }],
    ['["@context"][0]: must', { '@context': ['http://www.w3.org/ns/td', { '@language': 'en' }] }],
  ])('%s: is a warning, and strictly an error', (mistake, others) => {
    const { types, warnings } = read(thingWith(undefined, others));
    expect(types[0]?.commands).toHaveProperty('act');
    expect(warnings[0]).toContain(`capabilities ${path}: ${mistake}`);
    expect(warnings[0]).toContain('; this part is not read');
    expect(() => read(thingWith(undefined, others), true)).toThrow(mistake);
  });
});
