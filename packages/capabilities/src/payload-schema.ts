import { isJsonObject, type JsonObject, type JsonValue } from '@preservarium/core';

const noArguments = { type: 'object', additionalProperties: false };

/**
 * Returns the schema of a payload as commands have it: an object. A schema that no object fits is that of the `$value` in it, which connectors send to the
 * device alone.
 *
 * @param payload absent: the command takes no arguments
 */
export function payloadSchema(payload: JsonObject = noArguments): JsonObject {
  if (mayBeObject(payload)) return { type: 'object', ...payload };
  const { $defs, definitions, ...value } = payload;
  return {
    type: 'object',
    required: ['$value'],
    additionalProperties: false,
    properties: { $value: value },
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  };
}

/** Returns whether an object can fit a schema, as far as its types and values say. */
function mayBeObject(schema: JsonValue): boolean {
  if (!isJsonObject(schema)) return schema !== false;
  const { type, const: only, enum: some, oneOf, anyOf } = schema;
  if (type !== undefined) return [type].flat().includes('object');
  if (only !== undefined) return isJsonObject(only);
  const lists = [
    Array.isArray(some) ? some.map(isJsonObject) : [],
    ...[oneOf, anyOf].map((branches) => (Array.isArray(branches) ? branches.map(mayBeObject) : [])),
  ];
  return lists.every((fits) => fits.length === 0 || fits.includes(true));
}
