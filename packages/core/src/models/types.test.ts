import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  type Cancellation,
  type CancellationInput,
  type CommandInput,
  type CommandMessage,
  type cancellationSchema,
  type commandMessageSchema,
  type DeviceSettings,
  type DeviceSettingsInput,
  defineCommand,
  type deviceSettingsSchema,
  type JsonValue,
  type LifecycleEvent,
  type lifecycleEventSchema,
  type Protocol,
  parseCommand,
  type TypedCommandInput,
} from '../index.js';

// As an application does it, where the module is '@preservarium/core'.
declare module './protocols.js' {
  interface Protocols {
    lorawan: unknown;
  }
}

type Writable<Model> = { -readonly [Field in keyof Model]: Model[Field] };

/** The interface with text where it has a union and the schema takes any text. */
type Widened<Model, Fields extends string> = {
  -readonly [Field in keyof Model]: Field extends Fields
    ? string | (undefined extends Model[Field] ? undefined : never)
    : Model[Field];
};

// These hold when the package typechecks; running them shows nothing.
describe('the interfaces have the fields of the schemas', () => {
  test('commands', () => {
    expectTypeOf<z.output<typeof commandMessageSchema>>().toEqualTypeOf<Writable<CommandMessage>>();
    expectTypeOf<z.input<typeof commandMessageSchema>>().toEqualTypeOf<
      Widened<CommandInput, 'protocol' | 'method'>
    >();
  });

  test('settings', () => {
    expectTypeOf<z.output<typeof deviceSettingsSchema>>().toEqualTypeOf<Writable<DeviceSettings>>();
    expectTypeOf<z.input<typeof deviceSettingsSchema>>().toEqualTypeOf<
      Widened<DeviceSettingsInput, 'protocol'>
    >();
  });

  test('cancellations', () => {
    expectTypeOf<z.output<typeof cancellationSchema>>().toEqualTypeOf<Writable<Cancellation>>();
    expectTypeOf<z.input<typeof cancellationSchema>>().toEqualTypeOf<Writable<CancellationInput>>();
  });

  test('lifecycle events', () => {
    expectTypeOf<z.output<typeof lifecycleEventSchema>>().toEqualTypeOf<Writable<LifecycleEvent>>();
  });
});

describe('protocols and methods', () => {
  const to = { deviceId: 'device123', commandType: 'set_led' };

  test('are unions, to which an application adds a protocol', () => {
    expectTypeOf<Protocol>().toEqualTypeOf<'mqtt' | 'coap' | 'http' | 'lorawan'>();
    expectTypeOf({ ...to, protocol: 'lorawan' } as const).toExtend<CommandInput>();
  });

  test('with a typo do not compile', () => {
    // @ts-expect-error there is no such protocol
    const protocol: CommandInput = { ...to, protocol: 'mqqt' };
    // @ts-expect-error there is no such method
    const method: CommandInput = { ...to, protocol: 'http', method: 'PSOT' };
    // @ts-expect-error there is no such protocol
    const settings: DeviceSettingsInput = { deviceId: 'device123', settings: {}, protocol: 'mqqt' };
    expectTypeOf([protocol, method, settings]).toBeArray();
  });

  test('are any text in a decoded command, and known in a parsed one', () => {
    expectTypeOf<CommandMessage>().toHaveProperty('protocol').toEqualTypeOf<string>();
    expectTypeOf(parseCommand).returns.toExtend<CommandInput>();
  });
});

describe('the answer of a defined command', () => {
  const payload = z.object({});

  test('has the type that its schema takes in', () => {
    const readLed = defineCommand('read_led', { payload, result: z.object({ state: z.string() }) });
    expectTypeOf(readLed).returns.toExtend<TypedCommandInput<{ state: string }>>();
    const readAt = defineCommand('read_at', { payload, result: z.string().transform((at) => new Date(at)) });
    expectTypeOf(readAt).returns.toExtend<TypedCommandInput<string>>();
  });

  test('is any JSON without a result schema', () => {
    expectTypeOf(defineCommand('reboot', { payload })).returns.toExtend<
      TypedCommandInput<JsonValue | undefined>
    >();
  });
});
