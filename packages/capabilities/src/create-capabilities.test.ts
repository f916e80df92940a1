import { createMemoryBackend } from '@preservarium/backend-memory';
import { CapabilityError, ConfigurationError, type JsonObject } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCapabilities, type DeviceType } from './index.js';

const ledPayload = {
  type: 'object',
  required: ['state'],
  additionalProperties: false,
  properties: {
    state: { enum: ['on', 'off'] },
    color: { $ref: '#/$defs/color' },
    steps: { type: 'array', items: { type: 'integer', minimum: 0 } },
    at: { type: 'string', format: 'date-time' },
    fade: { oneOf: [{ const: 'none' }, { type: 'integer' }] },
  },
  $defs: { color: { type: 'string', pattern: '^#[0-9a-f]{6}$' } },
};
const lamp: DeviceType = {
  name: 'lamp',
  commands: {
    set_led: {
      payload: ledPayload,
      result: { type: 'object', properties: { watts: { type: 'number' } } },
      timeoutMs: 5_000,
      mayBeRepeated: true,
    },
    reboot: { mayBeRepeated: false },
  },
  settings: {
    brightness: { type: 'integer', minimum: 0, maximum: 100 },
    place: { type: 'object', required: ['room'], properties: { room: { type: 'string' } } },
  },
};
const typeNames = new Map([
  ['lamp-7', 'lamp'],
  ['pump-7', 'lamb'],
]);
const settings = { types: [lamp], typeOf: (deviceId: string) => typeNames.get(deviceId) };
const capabilities = createCapabilities(settings);
const command = { deviceId: 'lamp-7', commandType: 'set_led', payload: { state: 'on' } };

test('a command that fits is allowed', () => {
  expect(capabilities.check(command)).toBeUndefined();
  expect(capabilities.check({ ...command, commandType: 'reboot', payload: {} })).toBeUndefined();
});

describe('a command is refused', () => {
  test.each<
    [string, { deviceId?: string; commandType?: string; payload?: JsonObject }, [string, string, string][]]
  >([
    [
      'that the device does not have',
      { commandType: 'set_ledd' },
      [
        [
          'commandType',
          'commands',
          '"set_ledd" is not a command of lamp; did you mean "set_led"? allowed: "set_led", "reboot"',
        ],
      ],
    ],
    [
      'that JavaScript has on every object',
      { commandType: 'toString' },
      [['commandType', 'commands', '"toString" is not a command of lamp; allowed: "set_led", "reboot"']],
    ],
    [
      'for a device that is not known',
      { deviceId: 'stranger' },
      [['deviceId', 'devices', 'is not in the directory of devices, and unknown devices are refused']],
    ],
    [
      'for a device of a type that is not declared',
      { deviceId: 'pump-7' },
      [
        [
          'deviceId',
          'types',
          'is of the type "lamb", which is not declared; did you mean "lamp"? allowed: "lamp"',
        ],
      ],
    ],
    [
      'with a value that is not among those allowed',
      { payload: { state: 'onn' } },
      [['payload.state', '#/properties/state/enum', 'must be one of ["on","off"]']],
    ],
    [
      'with each mistake',
      { payload: { stat: 'on', color: 'red', steps: [1, -1], at: 'noon' } },
      [
        ['payload.state', '#/required', 'is required'],
        [
          'payload.stat',
          '#/additionalProperties',
          'is not known; did you mean "state"? allowed: "state", "color", "steps", "at", "fade"',
        ],
        ['payload.color', '#/$defs/color/pattern', 'must match pattern "^#[0-9a-f]{6}$"'],
        ['payload.steps[1]', '#/properties/steps/items/minimum', 'must be >= 0'],
        ['payload.at', '#/properties/at/format', 'must match format "date-time"'],
      ],
    ],
    [
      'that fits no alternative',
      { payload: { state: 'on', fade: 'slow' } },
      [
        [
          'payload.fade',
          '#/properties/fade/oneOf',
          'must fit one, and only one, of [{"const":"none"},{"type":"integer"}]',
        ],
      ],
    ],
    [
      'with arguments, where it takes none',
      { commandType: 'reboot', payload: { now: true } },
      [['payload.now', '#/additionalProperties', 'is not known; none is allowed']],
    ],
  ])('%s', (_, change, issues) => {
    const error = capabilities.check({ ...command, ...change });
    expect(error).toBeInstanceOf(CapabilityError);
    expect(error?.issues.map(({ path, rule, message }) => [path, rule, message])).toEqual(issues);
  });

  test('with at most ten mistakes told', () => {
    const steps = Array.from({ length: 1_000 }, () => -1);
    const issues = capabilities.check({ ...command, payload: { state: 'on', steps } })?.issues;
    expect(issues).toHaveLength(11);
    expect(issues?.at(-1)).toMatchObject({ path: 'payload', message: 'and 990 more' });
  });
});

test('devices that are not known may be allowed; those of a type that is not declared are not', () => {
  const { check } = createCapabilities({ ...settings, unknownDevices: 'allow' });
  expect(check({ ...command, deviceId: 'stranger', commandType: 'anything' })).toBeUndefined();
  expect(check({ ...command, deviceId: 'pump-7' })).toBeInstanceOf(CapabilityError);
});

describe('settings', () => {
  test('that fit, and null, are allowed', () => {
    const desired = { brightness: 80, place: null };
    expect(capabilities.checkSettings({ deviceId: 'lamp-7', settings: desired })).toBeUndefined();
  });

  test('that do not fit are refused', () => {
    const desired = { brightness: 101, brigthness: 80, place: {} };
    const error = capabilities.checkSettings({ deviceId: 'lamp-7', settings: desired });
    expect(error?.issues).toEqual([
      { path: 'settings.brightness', rule: '#/maximum', message: 'must be <= 100' },
      {
        path: 'settings',
        rule: 'settings',
        message:
          '"brigthness" is not a setting of lamp; did you mean "brightness"? allowed: "brightness", "place"',
      },
      { path: 'settings.place.room', rule: '#/required', message: 'is required' },
    ]);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`x${index}`, index]));
    expect(capabilities.checkSettings({ deviceId: 'lamp-7', settings: many })?.issues.at(-1)).toEqual({
      path: 'settings',
      rule: '#',
      message: 'and 990 more',
    });
    expect(capabilities.checkSettings({ deviceId: 'stranger', settings: {} })?.issues).toMatchObject([
      { rule: 'devices' },
    ]);
  });
});

test('a result is checked where one is declared', () => {
  const answer = { deviceId: 'lamp-7', commandType: 'set_led' };
  expect(capabilities.checkResult({ ...answer, result: { watts: 3.5 } })).toBeUndefined();
  expect(capabilities.checkResult({ ...answer, result: { watts: '3' } })?.issues).toMatchObject([
    { path: 'result.watts', message: 'must be number' },
  ]);
  expect(capabilities.checkResult({ ...answer, result: undefined })?.issues).toMatchObject([
    { path: 'result', message: 'must be object' },
  ]);
  expect(capabilities.checkResult({ ...answer, commandType: 'reboot', result: 'done' })).toBeUndefined();
});

test('a device is known if the directory has it and its type is declared', () => {
  const capabilities = createCapabilities({ types: [lamp], typeOf: (deviceId) => typeNames.get(deviceId) });
  expect(capabilities.knowsDevice('lamp-7')).toBe(true);
  expect(capabilities.knowsDevice('pump-7')).toBe(false);
  expect(capabilities.knowsDevice('stranger')).toBe(false);
});

test('what is declared of a command can be asked', () => {
  expect(capabilities.find('lamp-7', 'set_led')).toBe(lamp.commands.set_led);
  expect(capabilities.find('lamp-7', 'fly')).toBeUndefined();
  expect(capabilities.find('stranger', 'set_led')).toBeUndefined();
});

test('a service that has them sends what fits only', async () => {
  const backend = createMemoryBackend();
  await using service = createPusherService({ backend, capabilities });
  const led = { ...command, protocol: 'mqtt' as const };
  await service.pushCommand(led);
  const refusal = { code: 'CAPABILITY_MISMATCH', retryable: false, deviceId: 'lamp-7' };
  await expect(service.pushCommand({ ...led, payload: { state: 1 } })).rejects.toMatchObject(refusal);
  await expect(service.pushSettings('lamp-7', { volume: 1 })).rejects.toMatchObject(refusal);
  expect(backend.records('device_commands')).toHaveLength(1);
  expect(backend.records('device_settings')).toHaveLength(0);
});

describe('a type is refused', () => {
  const withPayload = (payload: JsonObject) => [
    { ...lamp, commands: { fly: { payload, mayBeRepeated: false } } },
  ];
  test.each<[string, DeviceType[]]>([
    ['two device types have the name "lamp"', [lamp, lamp]],
    [
      'commands.fly.payload.properties.height.minimun: is no keyword of JSON Schema; did you mean "minimum"?',
      withPayload({ type: 'object', properties: { height: { type: 'number', minimun: 1 } } }),
    ],
    [
      'commands.fly.payload.properties.height.minimum: must be number',
      withPayload({ type: 'object', properties: { height: { type: 'number', minimum: '1' } } }),
    ],
    [
      `commands.fly.payload: can't resolve reference https://example.com/height.json from id #; a reference leads into the same schema`,
      withPayload({ type: 'object', properties: { height: { $ref: 'https://example.com/height.json' } } }),
    ],
    [
      'commands.fly.payload.$schema: must be absent or "https://json-schema.org/draft/2020-12/schema"',
      withPayload({ type: 'object', $schema: 'http://json-schema.org/draft-07/schema#' }),
    ],
    ['commands.fly.payload.$async: is not a keyword', withPayload({ type: 'object', $async: true })],
    [
      'unknown format "colour"',
      withPayload({ type: 'object', properties: { a: { type: 'string', format: 'colour' } } }),
    ],
    [
      'settings.hue.pattern: must be string',
      [{ ...lamp, settings: { hue: { type: 'string', pattern: 1 } } }],
    ],
  ])('%s', (message, types) => {
    const create = () => createCapabilities({ ...settings, types });
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(message);
  });
});

test('commands of two types may have schemas of the same $id', () => {
  const payload = { $id: 'https://example.com/led.json', type: 'object' };
  const type = {
    commands: { on: { payload, mayBeRepeated: true }, off: { payload, mayBeRepeated: true } },
    settings: {},
  };
  const types = [
    { ...type, name: 'lamp' },
    { ...type, name: 'torch' },
  ];
  expect(
    createCapabilities({ ...settings, types }).check({ ...command, commandType: 'off' }),
  ).toBeUndefined();
});

test('any payload is allowed or refused as JSON Schema says, and no check changes the next', () => {
  const independent = new Ajv2020({ strict: false, validateFormats: false }).compile(ledPayload);
  const led = fc.record(
    {
      state: fc.constantFrom('on', 'off', 'dim', 1),
      color: fc.oneof(fc.constant('#00ff00'), fc.string()),
      steps: fc.array(fc.oneof(fc.integer(), fc.string())),
      fade: fc.oneof(fc.constant('none'), fc.integer(), fc.double({ noNaN: true })),
    },
    { requiredKeys: [] },
  );
  const object = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(fc.oneof(led, object), (generated) => {
      const payload = JSON.parse(JSON.stringify(generated));
      const error = capabilities.check({ ...command, payload });
      expect(error === undefined).toBe(independent(payload));
      expect(error?.issues.every(({ path }) => path.startsWith('payload'))).not.toBe(false);
    }),
  );
});
