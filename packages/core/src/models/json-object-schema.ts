import { z } from 'zod';
import { isJsonObject } from './is-json-object.js';
import { type JsonObject, toJsonValue } from './json-value.js';

/** A plain object that JSON can carry; bytes become lower-case hex, dates ISO 8601 text, and bigints digits. */
export const jsonObjectSchema = z
  .custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null,
    'must be a JSON object',
  )
  .transform((value, context): JsonObject => {
    const converted = toJsonValue(
      value,
      ({ path, message }) => {
        context.issues.push({ code: 'custom', input: value, path: [...path], message });
      },
      { takesBigints: true },
    );
    if (isJsonObject(converted)) return converted;
    if (context.issues.length === 0)
      context.issues.push({ code: 'custom', input: value, message: 'must be a JSON object' });
    return z.NEVER;
  });
