import type { JsonObject } from '@preservarium/core';

const noArguments = { type: 'object', additionalProperties: false };

/**
 * Returns the schema of a payload as commands have it: an object. A schema of any other type is that of the `$value` in it, which connectors send to the
 * device alone.
 *
 * @param payload absent: the command takes no arguments
 */
export function payloadSchema(payload: JsonObject = noArguments): JsonObject {
  const types = [payload.type ?? 'object'].flat();
  if (types.includes('object')) return { type: 'object', ...payload };
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
