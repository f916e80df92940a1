export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** A value that JSON cannot carry, and where it is. */
export interface JsonIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Nesting of objects and arrays that a payload may have. */
export const maxJsonDepth = 64;

/**
 * Makes sure that JSON carries `value` unchanged. Bytes (`Uint8Array`) become lower-case hex and dates ISO 8601 text, as
 * the Python producers write them; all else that JSON would drop or alter in silence is an issue. What needs no change is
 * returned as it is, not copied.
 *
 * @param reportIssue called for each value that JSON cannot carry; the result is then not to be used
 */
export function toJsonValue(value: unknown, reportIssue: (issue: JsonIssue) => void): JsonValue {
  return convert(value, [], [], reportIssue);
}

function convert(
  value: unknown,
  path: (string | number)[],
  ancestors: object[],
  reportIssue: (issue: JsonIssue) => void,
): JsonValue {
  const refuse = (message: string): null => {
    reportIssue({ path: [...path], message });
    return null;
  };
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) return refuse(`${value} is not a JSON number`);
      return value === 0 ? 0 : value;
    case 'object':
      break;
    default:
      return refuse(
        `${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`} cannot be sent as JSON`,
      );
  }
  if (value === null) return null;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? refuse('the date is invalid') : value.toISOString();
  }
  if (ancestors.includes(value)) return refuse('refers back to itself; JSON has no cycles');
  if (ancestors.length >= maxJsonDepth) return refuse(`is nested more than ${maxJsonDepth} levels deep`);

  ancestors.push(value);
  const converted = Array.isArray(value)
    ? convertArray(value, path, ancestors, reportIssue)
    : (convertObject(value, path, ancestors, reportIssue) ??
      refuse(`is a ${value.constructor?.name ?? 'class instance'}; send plain objects and arrays`));
  ancestors.pop();
  return converted;
}

function convertArray(
  array: readonly unknown[],
  path: (string | number)[],
  ancestors: object[],
  reportIssue: (issue: JsonIssue) => void,
): JsonValue {
  let copy: JsonValue[] | undefined;
  for (let index = 0; index < array.length; index++) {
    path.push(index);
    const converted = convert(array[index], path, ancestors, reportIssue);
    path.pop();
    if (!Object.is(converted, array[index])) {
      copy ??= [...array] as JsonValue[];
      copy[index] = converted;
    }
  }
  return copy ?? (array as JsonValue[]);
}

function convertObject(
  object: object,
  path: (string | number)[],
  ancestors: object[],
  reportIssue: (issue: JsonIssue) => void,
): JsonObject | undefined {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return undefined;
  let changed: Map<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(object)) {
    path.push(key);
    const converted = convert(value, path, ancestors, reportIssue);
    path.pop();
    if (Object.is(converted, value)) continue;
    changed ??= new Map();
    changed.set(key, converted);
  }
  if (changed === undefined) return object as JsonObject;
  const converted = changed;
  // fromEntries, unlike assignment, keeps a key named "__proto__" a plain key.
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, converted.has(key) ? converted.get(key) : value]),
  ) as JsonObject;
}
