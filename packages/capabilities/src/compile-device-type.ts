import { ConfigurationError, formatPath } from '@preservarium/core';
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { CommandCapability, DeviceType, JsonSchema } from './device-type.js';
import { closestName } from './did-you-mean.js';
import { schemaIssues } from './schema-issues.js';

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
 * Compiles all schemas of a type, in ajv's strict mode: an unknown keyword or format is a mistake, not ignored. References lead
 * to the same schema only; nothing is fetched.
 *
 * @throws ConfigurationError that names the type, the place and the mistake
 */
export function compileDeviceType(type: DeviceType): CompiledDeviceType {
  const compile = createSchemaCompiler(`the device type "${type.name}"`);
  const commands = Object.entries(type.commands).map(([name, capability]): [string, CompiledCommand] => {
    const { payload = noArguments, result } = capability;
    const compiled = {
      capability,
      payload: compile(requireObject(payload, type.name, name), ['commands', name, 'payload']),
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

function requireObject(payload: AnySchemaObject, typeName: string, commandName: string): AnySchemaObject {
  if (payload.type === 'object') return payload;
  const place = formatPath(['commands', commandName, 'payload', 'type']);
  throw new ConfigurationError(
    `the device type "${typeName}": ${place}: must be "object": the payload of a command is a JSON object`,
  );
}

function createSchemaCompiler(
  what: string,
): (schema: JsonSchema | AnySchemaObject, place: string[]) => ValidateFunction {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
    addUsedSchema: false,
    logger: false,
  });
  addFormats.default(ajv);
  return (schema, place) => {
    const problems = (message: string, cause?: unknown) =>
      new ConfigurationError(`${what}: ${message}`, { cause });
    if (typeof schema === 'object') {
      if ('$async' in schema)
        throw problems(`${formatPath(place)}: $async is not a keyword of JSON Schema 2020-12`);
      if (schema.$schema !== undefined && schema.$schema !== ajv.defaultMeta()) {
        const path = formatPath([...place, '$schema']);
        throw problems(`${path}: must be absent or "${ajv.defaultMeta()}": the schemas are of that draft`);
      }
      if (!ajv.validateSchema(schema)) {
        const issues = schemaIssues(ajv.errors ?? [], place);
        throw problems(issues.map(({ path, message }) => `${path}: ${message}`).join('; '));
      }
    }
    try {
      return ajv.compile(schema);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw problems(
        `${formatPath(place)}: ${message}${hint(message, Object.keys(ajv.RULES.keywords))}`,
        error,
      );
    }
  };
}

/** What to do about a schema that ajv does not compile. */
function hint(message: string, keywords: readonly string[]): string {
  if (message.startsWith("can't resolve reference"))
    return '; a reference leads into the same schema, as "#/$defs/colour" does';
  const unknown = /unknown keyword: "(.*)"/.exec(message)?.[1];
  const meant = unknown === undefined ? undefined : closestName(unknown, keywords);
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}
