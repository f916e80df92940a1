import { isJsonObject, type JsonObject, type JsonValue } from '@preservarium/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { boundAjv, quadraticFormat } from './bound-ajv.js';
import type { JsonSchema } from './device-type.js';
import { closestName } from './did-you-mean.js';

type Path = readonly (string | number)[];

/** Reports a term that is ignored. The message is made only where it is shown: a file may have any number of such terms. */
export type WarnOfTerm = (path: Path, explain: () => string) => void;

export interface SchemaReading {
  /** Called for each term that is ignored. Absent: nothing is ignored, and what is not known is left for the compiler to refuse. */
  readonly warn?: WarnOfTerm | undefined;
  /** The schema is a data schema of a Thing Description, which has terms of its own. */
  readonly isOfThing?: boolean;
}

/** Terms that a Thing Description adds to JSON Schema and that constrain nothing. */
const thingTerms = new Set(['forms', 'observable', 'uriVariables', 'unit', 'titles', 'descriptions']);
const listsOfSchemas = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const mapsOfSchemas = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);
const schemas = new Set([
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'],
  ...['unevaluatedItems', 'unevaluatedProperties', 'contentSchema'],
]);
const { RULES: rules, formats } = boundAjv(new Ajv2020());
const drafts = /^https?:\/\/json-schema\.org\/(?:draft-0[4-7]|draft\/20(?:19-09|20-12))\/schema#?$/;
const draftsWithLoneRef = /draft-0[4-7]/;
/** The compiler refuses it: it was a keyword in draft 04. */
const keywordOfDraft04 = 'id';

/**
 * Returns a schema as JSON Schema 2020-12: drafts 04 to 2019-09 in its words, and without terms that are not its keywords. A Thing Description may
 * have terms of any vocabulary (TD 1.1, section 5), and a JSON Schema too: readers ignore what they do not know.
 *
 * @param place of the schema in its document, for warnings
 */
export function readSchema(schema: JsonSchema, place: Path, reading: SchemaReading): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  const draft = typeof schema.$schema === 'string' ? schema.$schema : '';
  return readObject(schema, place, {
    ...reading,
    hasLoneRefs: draftsWithLoneRef.test(draft),
    isDraft04: draft.includes('draft-04'),
  });
}

interface Reading extends SchemaReading {
  /** Up to draft 07, what stands beside a `$ref` is ignored. */
  readonly hasLoneRefs: boolean;
  readonly isDraft04: boolean;
}

function readObject(schema: JsonObject, path: Path, reading: Reading): JsonObject {
  const translated = reading.warn === undefined ? tuplesOf(schema) : translate(schema, reading);
  const hasType = translated.type !== undefined;
  const members = Object.entries(translated).filter(([term, value]) =>
    isKept(term, value, path, { ...reading, hasType }),
  );
  // fromEntries, unlike assignment, keeps a key named "__proto__" a plain key.
  return Object.fromEntries(
    members.map(([term, value]) => [term, readMember(term, value, [...path, term], reading)]),
  );
}

function isKept(
  term: string,
  value: JsonValue,
  path: Path,
  { warn, isOfThing, hasType }: Reading & { readonly hasType: boolean },
): boolean {
  if (isOfThing && (thingTerms.has(term) || term.startsWith('@') || term.includes(':'))) return false;
  if (warn === undefined) return true;
  if (term === '$schema') {
    if (!drafts.test(String(value)))
      warn([...path, term], () => 'names no draft that is known; it is read as 2020-12');
    return false;
  }
  if (term === 'format' && (typeof value !== 'string' || !Object.hasOwn(formats, value))) {
    const why =
      value === quadraticFormat
        ? 'cannot be checked in linear time (use "uri")'
        : 'is no format of JSON Schema';
    warn([...path, term], () => `${JSON.stringify(value)} ${why}, and is not checked`);
    return false;
  }
  if (term === 'nullable' && !hasType) {
    warn([...path, term], () => 'says nothing without "type", and is ignored');
    return false;
  }
  if (Object.hasOwn(rules.keywords, term) && term !== keywordOfDraft04) return true;
  if (!term.startsWith('x-')) warn([...path, term], () => explainUnknownTerm(term));
  return false;
}

function explainUnknownTerm(term: string): string {
  const meant = closestName(term, Object.keys(rules.keywords));
  return `is no keyword of JSON Schema, and is ignored${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

function readMember(term: string, value: JsonValue, path: Path, reading: Reading): JsonValue {
  const nested = (each: JsonValue, ...steps: Path) =>
    isJsonObject(each) ? readObject(each, [...path, ...steps], reading) : each;
  if (listsOfSchemas.has(term) && Array.isArray(value))
    return value.map((each, index) => nested(each, index));
  if (mapsOfSchemas.has(term) && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, nested(each, name)]));
  }
  return schemas.has(term) ? nested(value) : value;
}

/** A list of items is a tuple, whose keyword has another name since 2020-12. */
function tuplesOf(schema: JsonObject): JsonObject {
  if (!Array.isArray(schema.items)) return schema;
  const { items, additionalItems, ...others } = schema;
  return { ...others, prefixItems: items, ...(additionalItems !== undefined && { items: additionalItems }) };
}

/** Returns a schema of an earlier draft in the words of 2020-12. */
function translate(given: JsonObject, { hasLoneRefs, isDraft04 }: Reading): JsonObject {
  const schema = referenceOf(namesOf(given, isDraft04));
  if (hasLoneRefs && typeof schema.$ref === 'string') {
    const { $ref, $id, $anchor, definitions, $defs } = schema;
    return withoutUndefined({ $ref, $id, $anchor, definitions, $defs });
  }
  return exclusiveOf(
    exclusiveOf(tuplesOf(schema), 'exclusiveMinimum', 'minimum'),
    'exclusiveMaximum',
    'maximum',
  );
}

/** Up to draft 07, the name of a part is an id that begins with "#"; in draft 04, an id has another keyword. */
function namesOf(schema: JsonObject, isDraft04: boolean): JsonObject {
  const { id, ...withoutId } = schema;
  const { $id, ...others } = isDraft04 && typeof id === 'string' ? { ...withoutId, $id: id } : schema;
  return typeof $id === 'string' && /^#./.test($id)
    ? { ...others, $anchor: $id.slice(1) }
    : withoutUndefined({ ...others, $id });
}

/** In draft 2019-09, a schema refers to itself, or to one that extends it: here nothing does. */
function referenceOf(schema: JsonObject): JsonObject {
  const { $recursiveRef, $recursiveAnchor: _, ...others } = schema;
  return $recursiveRef === undefined ? others : { ...others, $ref: $recursiveRef };
}

/** Draft 04 says with a boolean whether a limit is exclusive. */
function exclusiveOf(schema: JsonObject, exclusive: string, limit: string): JsonObject {
  if (typeof schema[exclusive] !== 'boolean') return schema;
  const { [exclusive]: isExclusive, [limit]: value, ...others } = schema;
  return withoutUndefined({ ...others, [isExclusive ? exclusive : limit]: value });
}

function withoutUndefined(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((member): member is [string, JsonValue] => member[1] !== undefined),
  );
}
