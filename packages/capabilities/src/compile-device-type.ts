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

const noArguments = { type: 'object', additionalProperties: false };

/**
 * Compiles all schemas of a type.
 *
 * @throws ConfigurationError that names the type, the place and the mistake
 */
export function compileDeviceType(type: DeviceType): CompiledDeviceType {
  const compile = createSchemaCompiler(`the device type "${type.name}"`);
  const commands = Object.entries(type.commands).map(([name, capability]): [string, CompiledCommand] => {
    const { payload = noArguments, result } = capability;
    requireObject(payload, type.name, name);
    const compiled = {
      capability,
      payload: compile(payload, ['commands', name, 'payload']),
      result: result === undefined ? undefined : compile(result, ['commands', name, 'result']),
    };
    return [name, compiled];
  });
  const settings = Object.entries(type.settings).map(([name, schema]): [string, ValidateFunction] => [
    name,
    compile(schema, ['settings', name]),
  ]);
  return { name: type.name, commands: new Map(commands), settings: new Map(settings) };
}

function requireObject(payload: JsonObject, typeName: string, commandName: string): void {
  if (payload.type === 'object') return;
  const place = formatPath(['commands', commandName, 'payload', 'type']);
  throw new ConfigurationError(
    `the device type "${typeName}": ${place}: must be "object": the payload of a command is a JSON object`,
  );
}
