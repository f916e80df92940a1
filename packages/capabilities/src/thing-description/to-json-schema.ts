import { isJsonObject, type JsonObject, type JsonValue } from '@preservarium/core';

/** Terms that a Thing Description adds to JSON Schema and that constrain nothing. */
const annotations = new Set(['forms', 'observable', 'uriVariables', 'unit', 'titles', 'descriptions']);
const listsOfSchemas = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const mapsOfSchemas = new Set(['properties', 'patternProperties', '$defs']);
const schemas = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains']);

/**
 * A data schema of a Thing Description as JSON Schema 2020-12: without the terms that only a Thing Description has, those of
 * its `@context` (`schema:unit`) included. Every other member must be a keyword of JSON Schema.
 */
export function toJsonSchema(dataSchema: JsonObject): JsonObject {
  const kept = Object.entries(dataSchema).filter(
    ([term]) => !annotations.has(term) && !term.startsWith('@') && !term.includes(':'),
  );
  return Object.fromEntries(kept.map(([term, value]) => toKeyword(term, value)));
}

function toKeyword(term: string, value: JsonValue): [string, JsonValue] {
  // A list of items is a tuple, whose keyword has another name since 2020-12.
  if (term === 'items' && Array.isArray(value)) return toKeyword('prefixItems', value);
  if (listsOfSchemas.has(term) && Array.isArray(value)) return [term, value.map(toNested)];
  if (mapsOfSchemas.has(term) && isJsonObject(value)) {
    return [term, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toNested(each)]))];
  }
  return [term, schemas.has(term) ? toNested(value) : value];
}

function toNested(value: JsonValue): JsonValue {
  return isJsonObject(value) ? toJsonSchema(value) : value;
}
