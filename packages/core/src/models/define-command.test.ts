import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  applyPayloadSchema,
  type CommandInput,
  checkResult,
  type DeviceCommand,
  defineCommand,
  parseCommand,
  type TypedCommandInput,
} from '../index.js';

const to = { deviceId: 'device123', protocol: 'mqtt' } as const;

/** A Standard Schema written by hand whose check ends later. */
const asynchronous: StandardSchemaV1<{ state: string }, { state: string; checked: true }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    async validate(value) {
      const { state } = value as { state: string };
      return state === 'on'
        ? { value: { state, checked: true } }
        : { issues: [{ message: 'must be on', path: [{ key: 'state' }] }] };
    },
  },
};

const zodLed = defineCommand('set_led', {
  payload: z.object({ state: z.enum(['on', 'off']), color: z.string().default('white') }),
});
const valibotLed = defineCommand('set_led', {
  payload: v.object({ state: v.picklist(['on', 'off']), color: v.optional(v.string(), 'white') }),
});
const arktypeLed = defineCommand('set_led', {
  payload: type({ state: "'on' | 'off'", color: "string = 'white'" }),
});

describe.each([
  ['zod', zodLed],
  ['valibot', valibotLed],
  ['arktype', arktypeLed],
])('a command defined with %s', (_, setLed) => {
  test('is checked at once and has the output of its schema as payload', () => {
    const command = applyPayloadSchema(setLed({ ...to, payload: { state: 'on' } }));
    expect(command).toStrictEqual({
      ...to,
      commandType: 'set_led',
      payload: { state: 'on', color: 'white' },
    });
  });

  test('refuses a wrong payload with the place below payload', () => {
    // As a JavaScript caller can: TypeScript refuses it.
    const wrong = setLed({ ...to, payload: { state: 'dim' as 'on' } });
    expect(() => applyPayloadSchema(wrong)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        message: expect.stringMatching(/^invalid command: payload\.state: ./),
        issues: [{ path: 'payload.state', message: expect.any(String) }],
      }),
    );
  });

  test('names its type and its schema', () => {
    expect(setLed.commandType).toBe('set_led');
    expect(setLed.payload['~standard'].version).toBe(1);
  });
});

describe('a command defined with an asynchronous schema', () => {
  const setLed = defineCommand('set_led', { payload: asynchronous });

  test('gives a promise of the checked command', async () => {
    const applied = applyPayloadSchema(setLed({ ...to, payload: { state: 'on' } }));
    expect(applied).toBeInstanceOf(Promise);
    expect(await applied).toMatchObject({ payload: { state: 'on', checked: true } });
  });

  test('rejects with the issues', async () => {
    await expect(applyPayloadSchema(setLed({ ...to, payload: { state: 'off' } }))).rejects.toThrow(
      'invalid command: payload.state: must be on',
    );
  });
});

test('places of issues are written as code would reach them', () => {
  const schema = z.object({ list: z.array(z.object({ 'a b': z.number() })) });
  const command = defineCommand('set_list', { payload: schema });
  const wrong = command({ ...to, payload: { list: [{ 'a b': 1 }, { 'a b': Number.NaN }] } });
  expect(() => applyPayloadSchema(wrong)).toThrow(
    expect.objectContaining({ issues: [{ path: 'payload.list[1]["a b"]', message: expect.any(String) }] }),
  );
});

test('an input without a schema is given back as it is', () => {
  const input = { ...to, commandType: 'set_led' };
  expect(applyPayloadSchema(input)).toBe(input);
});

test('the output of the schema is checked as any payload is', () => {
  const later = defineCommand('wait', {
    payload: z.object({ at: z.iso.datetime().transform((at) => new Date(at)) }),
  });
  const bad = defineCommand('wait', { payload: z.object({ at: z.string().transform(Number) }) });
  const applied = applyPayloadSchema(later({ ...to, payload: { at: '2026-01-31T12:00:00Z' } }));
  expect(parseCommand(applied as CommandInput).payload).toStrictEqual({ at: '2026-01-31T12:00:00.000Z' });
  const refused = applyPayloadSchema(bad({ ...to, payload: { at: 'x' } }));
  expect(() => parseCommand(refused as CommandInput)).toThrow(
    'invalid command: payload.at: NaN is not a JSON number',
  );
});

// These hold when the package typechecks; running them shows nothing.
describe('types', () => {
  test('the payload is what the schema takes in', () => {
    expectTypeOf(zodLed).parameter(0).toHaveProperty('payload').toEqualTypeOf<{
      state: 'on' | 'off';
      color?: string | undefined;
    }>();
    expectTypeOf(valibotLed({ ...to, payload: { state: 'off' } })).toExtend<CommandInput>();
    expectTypeOf(arktypeLed)
      .parameter(0)
      .toHaveProperty('payload')
      .toHaveProperty('state')
      .toEqualTypeOf<'on' | 'off'>();
  });

  test('the result is a command of that name', () => {
    expectTypeOf(zodLed).returns.toExtend<TypedCommandInput>();
    expectTypeOf(zodLed).returns.toHaveProperty('commandType').toEqualTypeOf<'set_led'>();
    expectTypeOf(zodLed).toExtend<DeviceCommand<'set_led', typeof zodLed.payload>>();
  });

  test('a wrong payload does not compile', () => {
    // @ts-expect-error the state is one of on and off
    zodLed({ ...to, payload: { state: 'dim' } });
    // @ts-expect-error the state is one of on and off
    valibotLed({ ...to, payload: { state: 'dim' } });
    // @ts-expect-error the state is one of on and off
    arktypeLed({ ...to, payload: { state: 'dim' } });
    // @ts-expect-error the state is missing
    zodLed({ ...to, payload: {} });
    // @ts-expect-error the payload is missing
    zodLed({ ...to });
    // @ts-expect-error the payload has a field that the schema does not know
    zodLed({ ...to, payload: { state: 'on', colour: 'blue' } });
  });

  test('a wrong command does not compile', () => {
    // @ts-expect-error the device is missing
    zodLed({ protocol: 'mqtt', payload: { state: 'on' } });
    // @ts-expect-error a typo in a field
    zodLed({ ...to, payload: { state: 'on' }, expireAt: new Date() });
    // @ts-expect-error the name is given by the definition
    zodLed({ ...to, payload: { state: 'on' }, commandType: 'set_led' });
    // @ts-expect-error a qos that MQTT does not have
    zodLed({ ...to, payload: { state: 'on' }, qos: 3 });
  });
});

describe('what the device answered', () => {
  const readLed = defineCommand('read_led', {
    payload: z.object({}),
    result: z.object({ state: z.string() }),
  });
  const command = readLed({ ...to, payload: {} });

  test('is checked by the result schema', async () => {
    await expect(checkResult(command, { state: 'on' })).resolves.toBeUndefined();
    await expect(checkResult(command, { state: 1 })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: 'result.state' }],
    });
    await expect(checkResult(command, undefined)).rejects.toMatchObject({ issues: [{ path: 'result' }] });
  });

  test('may be anything where no result was declared', async () => {
    await expect(checkResult(zodLed({ ...to, payload: { state: 'on' } }), 7)).resolves.toBeUndefined();
    await expect(checkResult({ ...to, commandType: 'reboot' }, undefined)).resolves.toBeUndefined();
  });

  test('leaves no trace in what is pushed', () => {
    expect(parseCommand(applyPayloadSchema(command) as CommandInput)).not.toHaveProperty('result');
    expect(Object.getOwnPropertySymbols(applyPayloadSchema(command))).toEqual([]);
  });
});
