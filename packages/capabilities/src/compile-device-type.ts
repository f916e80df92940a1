import { ConfigurationError, formatPath, type JsonObject } from '@preservarium/core';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { createSchemaCompiler } from './compile-schema.js';
import type { CommandCapability, DeviceType } from './device-type.js';

/** A device type whose schemas are functions. */
export interface CompiledDeviceType {
  readonly name: string;
  readonly commands: ReadonlyMap<string, CompiledCommand>;
  readonly settings: ReadonlyMap<string, ValidateFunction>;
}

export interface CompiledCommand {
  readonly capability: CommandCapability;
  readonly payload: ValidateFunction;
  readonly result: ValidateFunction | undefined;
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

const noArguments = { type: 'object', additionalProperties: false };

/**
 * Compiles all schemas of a type.
 *
 * @throws ConfigurationError that names the type, the place and the mistake
 */
export function compileDeviceType(type: DeviceType, names: PlaceNames = plainNames): CompiledDeviceType {
  const compile = createSchemaCompiler(`the device type "${type.name}"`);
  const commands = Object.entries(type.commands).map(([name, capability]): [string, CompiledCommand] => {
    const { payload = noArguments, result } = capability;
    const place = [names.commands, name];
    requireObject(payload, type.name, [...place, names.payload, 'type']);
    const compiled = {
      capability,
      payload: compile(payload, [...place, names.payload]),
      result: result === undefined ? undefined : compile(result, [...place, names.result]),
    };
    return [name, compiled];
  });
  const settings = Object.entries(type.settings).map(([name, schema]): [string, ValidateFunction] => [
    name,
    compile(schema, [names.settings, name]),
  ]);
  return { name: type.name, commands: new Map(commands), settings: new Map(settings) };
}

function requireObject(payload: JsonObject, typeName: string, place: readonly string[]): void {
  if (payload.type === 'object') return;
  throw new ConfigurationError(
    `the device type "${typeName}": ${formatPath(place)}: must be "object": the payload of a command is a JSON object`,
  );
}
