import { maxIssues, maxJsonDepth, maxJsonValues } from '../limits.js';
import { cutText } from './cut-text.js';
import { copyJsonSource, keepJsonSource } from './json-source.js';
import { keepNumberTexts } from './number-texts.js';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** A value that JSON cannot carry, and where it is. */
export interface JsonIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

// TypeScript has no types of it yet.
const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => JsonValue };

/** The state of one walk through a value. */
interface Walk {
  readonly path: (string | number)[];
  readonly ancestors: object[];
  readonly reportIssue: (issue: JsonIssue) => void;
  readonly takesBigints: boolean;
  hasBigints: boolean;
  valuesLeft: number;
  issuesLeft: number;
}

/**
 * Makes sure that JSON carries `value` unchanged. Bytes (`Uint8Array`) become lower-case hex and dates ISO 8601 text, as
 * the Python producers write them; any other value that JSON would drop or alter silently is an issue. A value that needs no change is
 * returned as it is, not copied. The walk ends after 21 issues, one more than an error reports.
 *
 * @param reportIssue called for each value that JSON cannot carry; the result is then not to be used
 * @param options.takesBigints true: the result has the nearest numbers, and its text ({@link jsonSourceOf}) all digits. Default: a bigint is an issue
 */
export function toJsonValue(
  value: unknown,
  reportIssue: (issue: JsonIssue) => void,
  { takesBigints = false }: { readonly takesBigints?: boolean } = {},
): JsonValue {
  const walk: Walk = {
    path: [],
    ancestors: [],
    reportIssue,
    takesBigints,
    hasBigints: false,
    valuesLeft: maxJsonValues,
    issuesLeft: maxIssues + 1,
  };
  const converted = convert(value, walk);
  if (walk.hasBigints) return withDigits(converted);
  if (isObject(value) && isObject(converted) && value !== converted) copyJsonSource(value, converted);
  return converted;
}

/** Bigints are digits in the text that goes to the device, and numbers for those who look at the value. */
function withDigits(converted: JsonValue): JsonValue {
  const text = JSON.stringify(converted);
  const value: JsonValue = JSON.parse(text);
  if (isObject(value)) keepJsonSource(value, text);
  return value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function refuse(walk: Walk, message: string): null {
  walk.issuesLeft--;
  walk.reportIssue({
    path: walk.path.map((step) => (typeof step === 'string' ? cutText(step, 64) : step)),
    message,
  });
  return null;
}

function convert(value: unknown, walk: Walk): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) return refuse(walk, `${value} is not a JSON number`);
      return value === 0 ? 0 : value;
    case 'bigint':
      if (!walk.takesBigints) return refuse(walk, 'a bigint cannot be sent as JSON');
      walk.hasBigints = true;
      return rawJson(value.toString());
    case 'object':
      break;
    default:
      return refuse(
        walk,
        `${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`} cannot be sent as JSON`,
      );
  }
  if (value === null) return null;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? refuse(walk, 'the date is invalid') : value.toISOString();
  }
  const { ancestors } = walk;
  if (ancestors.includes(value)) return refuse(walk, 'refers back to itself; JSON has no cycles');
  if (ancestors.length >= maxJsonDepth)
    return refuse(walk, `is nested more than ${maxJsonDepth} levels deep`);

  ancestors.push(value);
  const converted = Array.isArray(value)
    ? convertArray(value, walk)
    : (convertObject(value, walk) ??
      refuse(
        walk,
        `is a ${cutText(String(value.constructor?.name ?? 'class instance'), 64)}; send plain objects and arrays`,
      ));
  ancestors.pop();
  return converted;
}

function convertChild(step: string | number, value: unknown, walk: Walk): JsonValue {
  if (--walk.valuesLeft < 0) {
    refuse(walk, `has more than ${maxJsonValues} values`);
    walk.issuesLeft = 0;
    return null;
  }
  walk.path.push(step);
  const converted = convert(value, walk);
  walk.path.pop();
  return converted;
}

function convertArray(array: readonly unknown[], walk: Walk): JsonValue {
  let copy: JsonValue[] | undefined;
  for (let index = 0; index < array.length && walk.issuesLeft > 0; index++) {
    const converted = convertChild(index, array[index], walk);
    if (!Object.is(converted, array[index])) {
      copy ??= [...array] as JsonValue[];
      copy[index] = converted;
    }
  }
  return copy === undefined ? (array as JsonValue[]) : keepNumberTexts(copy, array);
}

function convertObject(object: object, walk: Walk): JsonObject | undefined {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return undefined;
  let changed: Map<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(object)) {
    if (walk.issuesLeft <= 0) break;
    const converted = convertChild(key, value, walk);
    if (Object.is(converted, value)) continue;
    changed ??= new Map();
    changed.set(key, converted);
  }
  if (changed === undefined) return object as JsonObject;
  const converted = changed;
  // fromEntries, unlike assignment, keeps a key named "__proto__" a plain key.
  const copy = Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, converted.has(key) ? converted.get(key) : value]),
  ) as JsonObject;
  return keepNumberTexts(copy, object);
}
