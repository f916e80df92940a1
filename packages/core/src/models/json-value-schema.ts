import { z } from 'zod';
import { type JsonValue, toJsonValue } from './json-value.js';

/** Anything that JSON can carry; bytes become lower-case hex and dates ISO 8601 text. */
export const jsonValueSchema = z.custom<JsonValue>().transform((value, context): JsonValue => {
  const converted = toJsonValue(value, ({ path, message }) => {
    context.issues.push({ code: 'custom', input: value, path: [...path], message });
  });
  return context.issues.length === 0 ? converted : z.NEVER;
});
