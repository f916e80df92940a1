import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonValue } from '@preservarium/core';
import { RE2JS } from 're2js';

/** A condition for what a device says. All parts of it must hold. */
export interface AnswerCondition {
  /** The part of the answer that is looked at: a JSON pointer (RFC 6901). Default: the whole answer. It must be there. */
  readonly pointer?: string;
  /**
   * It is this value. `{requestId}` and `{value}` stand for those of the command, and `{float}` for the number that was sent as a device prints it that
   * keeps floats of 32 bits: with six decimals, 21.7 is 21.700001.
   */
  readonly equals?: JsonValue;
  /** It has at least these members, with these values; any value equals itself alone. `{value}` stands for what was sent. */
  readonly contains?: JsonValue;
  /** It is text, a number or a boolean that matches the expression, in the syntax of RE2. */
  readonly pattern?: string;
}

/** The values that a condition may refer to. */
export interface SentValues {
  readonly requestId: string;
  /** The value that was sent to the device. */
  readonly value: unknown;
}

export type CompiledCondition = (answer: unknown, sent: SentValues) => boolean;

/** @throws Error that says what is wrong */
export function compileCondition({
  pointer = '',
  equals,
  contains,
  pattern,
}: AnswerCondition): CompiledCondition {
  const partOf = compilePointer(pointer);
  const expression = pattern === undefined ? undefined : RE2JS.compile(RE2JS.translateRegExp(pattern));
  return (answer, sent) => {
    const part = partOf(answer);
    return (
      part !== undefined &&
      (equals === undefined || isDeepStrictEqual(part, filled(equals, sent))) &&
      (contains === undefined || hasAll(part, filled(contains, sent))) &&
      (expression === undefined || (typeof part !== 'object' && expression.matcher(String(part)).find()))
    );
  };
}

/** Returns a function that returns the part of a value at a JSON pointer; undefined where there is none. @throws Error */
export function compilePointer(pointer: string): (value: unknown) => unknown {
  if (pointer !== '' && !pointer.startsWith('/'))
    throw new Error(`${JSON.stringify(pointer)} is no JSON pointer; for example "/state"`);
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return (value) => {
    let at: unknown = value;
    for (const step of steps) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
      at = Reflect.get(at, step);
    }
    return at;
  };
}

function filled(wanted: JsonValue, { requestId, value }: SentValues): unknown {
  if (wanted === '{requestId}') return requestId;
  if (wanted === '{float}') return typeof value === 'number' ? Number(Math.fround(value).toFixed(6)) : value;
  return wanted === '{value}' ? value : wanted;
}

function hasAll(value: unknown, wanted: unknown): boolean {
  if (!isJsonObject(wanted) || !isJsonObject(value)) return isDeepStrictEqual(value, wanted);
  return Object.entries(wanted).every(([key, each]) => Object.hasOwn(value, key) && hasAll(value[key], each));
}
