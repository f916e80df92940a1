import {
  ConfigurationError,
  formatPath,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@preservarium/core';
import type { JsonSchema } from '../device-type.js';

/** Where in a schema the generator is. */
export interface SchemaPlace {
  readonly root: JsonSchema;
  readonly path: readonly (string | number)[];
  /** The references that led here, to notice one that leads back. */
  readonly references: readonly string[];
}

/** Keywords that select properties or values in ways that a type cannot express. */
const unspeakable = [
  '$dynamicRef',
  'dependentSchemas',
  'else',
  'if',
  'not',
  'patternProperties',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];

/**
 * The TypeScript type of the values that fit a schema. Keywords that narrow a string, a number or a length (`pattern`, `minimum`,
 * `maxItems`) is not said: it is checked when a command is pushed.
 *
 * @throws ConfigurationError for what no type can say
 */
export function typeOfSchema(schema: JsonSchema, place: SchemaPlace): string {
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never';
  for (const keyword of unspeakable) {
    if (keyword in schema) throw cannotSay(place, `what "${keyword}" means`);
  }
  const parts = [
    reference(schema, place),
    values(schema, place),
    alternatives(schema, place, 'anyOf'),
    alternatives(schema, place, 'oneOf'),
    combined(schema, place),
  ].filter((part) => part !== undefined);
  // Values that are listed are of the types given, and need not say so.
  if (!('enum' in schema || 'const' in schema)) parts.unshift(...typesNamed(schema, place));
  if (parts.length === 0) return 'unknown';
  return join(parts, '&');
}

function reference({ $ref }: JsonObject, place: SchemaPlace): string | undefined {
  if (typeof $ref !== 'string') return undefined;
  if (place.references.includes($ref))
    throw cannotSay(place, `the reference "${$ref}", which leads back to itself`);
  if (!/^#(\/.*)?$/.test($ref))
    throw cannotSay(place, `the reference "${$ref}"; one such as "#/$defs/colour" it can`);
  let target: JsonValue | undefined = place.root;
  for (const step of $ref.split('/').slice(1)) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    target = isJsonObject(target) ? target[name] : undefined;
  }
  if (!isSchema(target)) throw cannotSay(place, `the reference "${$ref}", which leads nowhere`);
  return typeOfSchema(target, { ...place, references: [...place.references, $ref] });
}

function values(schema: JsonObject, place: SchemaPlace): string | undefined {
  const listed = 'const' in schema ? [schema.const] : schema.enum;
  if (!Array.isArray(listed)) return undefined;
  const literals = listed.map((value: JsonValue) => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    throw cannotSay(place, 'values that are objects or arrays, in "enum" or "const"');
  });
  return join(literals, '|');
}

function alternatives(
  schema: JsonObject,
  place: SchemaPlace,
  keyword: 'anyOf' | 'oneOf',
): string | undefined {
  const { [keyword]: choices } = schema;
  if (!Array.isArray(choices)) return undefined;
  return join(
    choices.map((choice, index) => nested(choice, place, keyword, index)),
    '|',
  );
}

function combined({ allOf }: JsonObject, place: SchemaPlace): string | undefined {
  if (!Array.isArray(allOf)) return undefined;
  return join(
    allOf.map((each, index) => nested(each, place, 'allOf', index)),
    '&',
  );
}

function typesNamed(schema: JsonObject, place: SchemaPlace): string[] {
  if (schema.type === undefined) {
    // Below "allOf" and "anyOf", the type may stand above.
    return 'properties' in schema || 'required' in schema ? [objectType(schema, place)] : [];
  }
  const names: readonly JsonValue[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  const types = names.map((name) => typeNamed(String(name), schema, place));
  return [join(types, '|')];
}

function typeNamed(name: string, schema: JsonObject, place: SchemaPlace): string {
  switch (name) {
    case 'integer':
      return 'number';
    case 'array':
      return arrayType(schema, place);
    case 'object':
      return objectType(schema, place);
    default:
      return name;
  }
}

function arrayType({ items = true, prefixItems }: JsonObject, place: SchemaPlace): string {
  const rest = items === false ? undefined : nested(items, place, 'items');
  if (!Array.isArray(prefixItems)) return `readonly ${group(rest ?? 'never')}[]`;
  // JSON Schema lets a tuple end early.
  const leading = prefixItems.map((each, index) => `${group(nested(each, place, 'prefixItems', index))}?`);
  return `readonly [${[...leading, ...(rest === undefined ? [] : [`...${group(rest)}[]`])].join(', ')}]`;
}

function objectType(schema: JsonObject, place: SchemaPlace): string {
  const { additionalProperties } = schema;
  const properties = Object.entries(isJsonObject(schema.properties) ? schema.properties : {});
  const required: readonly JsonValue[] = Array.isArray(schema.required) ? schema.required : [];
  if (properties.length > 0 && isJsonObject(additionalProperties)) {
    throw cannotSay(
      place,
      'a type for all properties but those named ("properties" with "additionalProperties")',
    );
  }
  const members = properties.map(([name, property]) => {
    const mark = required.includes(name) ? '' : '?';
    const type = nested(property, place, 'properties', name);
    return `${documentation(property)}readonly ${propertyName(name)}${mark}: ${type};`;
  });
  const unnamed = required.filter((name) => !properties.some(([known]) => known === name));
  if (additionalProperties === false && unnamed.length > 0) {
    throw cannotSay(place, `the property ${JSON.stringify(unnamed[0])}, which is required and not allowed`);
  }
  members.push(...unnamed.map((name) => `readonly ${propertyName(String(name))}: unknown;`));
  if (isSchema(additionalProperties) && additionalProperties !== false) {
    const type = nested(additionalProperties, place, 'additionalProperties');
    members.push(`readonly [name: string]: ${type};`);
  }
  if (members.length > 0) return `{\n${members.map(indent).join('\n')}\n}`;
  return additionalProperties === false
    ? 'Readonly<Record<string, never>>'
    : 'Readonly<Record<string, unknown>>';
}

function nested(schema: JsonValue, place: SchemaPlace, ...steps: (string | number)[]): string {
  if (!isSchema(schema)) throw cannotSay(place, 'what is no schema');
  return typeOfSchema(schema, { ...place, path: [...place.path, ...steps] });
}

/** The description of something, as documentation; nothing where it has none. */
export function documentation(described: unknown): string {
  if (!isJsonObject(described) || typeof described.description !== 'string') return '';
  return `/** ${described.description.trim().replaceAll('*/', '*\\/').replace(/\s+/g, ' ')} */\n`;
}

/** The name of a property as TypeScript writes it: in quotes where it must be. */
export function propertyName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

export function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function join(types: readonly string[], operator: '|' | '&'): string {
  const distinct = [...new Set(types)];
  if (distinct.length === 1) return distinct.join();
  return distinct.map(group).join(` ${operator} `);
}

function group(type: string): string {
  return type.includes(' ') ? `(${type})` : type;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isJsonObject(value);
}

function cannotSay(place: SchemaPlace, what: string): ConfigurationError {
  return new ConfigurationError(`${formatPath(place.path)}: TypeScript types cannot say ${what}`);
}
