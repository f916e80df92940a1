import { createSchemaCompiler, type SchemaCheck } from './compile-schema.js';
import type { CommandCapability, DeviceType } from './device-type.js';
import { payloadSchema } from './payload-schema.js';

/** A device type whose schemas are functions. */
export interface CompiledDeviceType {
  readonly name: string;
  readonly commands: ReadonlyMap<string, CompiledCommand>;
  readonly settings: ReadonlyMap<string, SchemaCheck>;
}

export interface CompiledCommand {
  readonly capability: CommandCapability;
  readonly payload: SchemaCheck;
  readonly result: SchemaCheck | undefined;
}

/** Names of the parts of a type in its source, for messages that lead to the mistake. */
export interface PlaceNames {
  readonly commands: string;
  readonly payload: string;
  readonly result: string;
  readonly settings: string;
}

const plainNames: PlaceNames = {
  commands: 'commands',
  payload: 'payload',
  result: 'result',
  settings: 'settings',
};

/**
 * Compiles all schemas of a type.
 *
 * @throws ConfigurationError that names the type, the place and the mistake
 */
export function compileDeviceType(
  type: DeviceType,
  { names = plainNames, isStrict = false }: { readonly names?: PlaceNames; readonly isStrict?: boolean } = {},
): CompiledDeviceType {
  const compile = createSchemaCompiler(`the device type "${type.name}"`, { isStrict });
  const commands = Object.entries(type.commands).map(([name, capability]): [string, CompiledCommand] => {
    const { payload, result } = capability;
    const place = [names.commands, name];
    const compiled = {
      capability,
      payload: compile(payloadSchema(payload), [...place, names.payload]),
      result: result === undefined ? undefined : compile(result, [...place, names.result]),
    };
    return [name, compiled];
  });
  const settings = Object.entries(type.settings).map(([name, schema]): [string, SchemaCheck] => [
    name,
    compile(schema, [names.settings, name]),
  ]);
  return { name: type.name, commands: new Map(commands), settings: new Map(settings) };
}
