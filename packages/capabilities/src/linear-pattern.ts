import { RE2JS } from 're2js';

/** The part of a regular expression that ajv uses. */
interface Pattern {
  test(text: string): boolean;
}

/** `\k<name>`, and a class such as `[[:alpha:]]`: RE2JS takes both, as something else than ECMA-262. */
const otherwiseRead = /(?<!\\)(?:\\\\)*(?:\\k<|\[\^?(?:[^\]\\]|\\.)*\[:)/;
const surrogatePair = /\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/gi;

/** A pattern of a schema that is not an expression, or cannot be matched in linear time. */
export class PatternRefusal extends Error {
  readonly pattern: string;

  constructor(pattern: string, problem: string, options?: ErrorOptions) {
    super(
      `${problem}; write it in the syntax of RE2, without look-around, back-references and repetitions of more than 1,000`,
      options,
    );
    this.pattern = pattern;
  }
}

/**
 * Compiles a pattern of a JSON Schema, an expression of ECMA-262 with the flag `u`, to one that takes time in proportion to the text,
 * whatever the pattern. Two differences: `.` matches all but LF, and `\s` ASCII alone.
 *
 * @throws PatternRefusal
 */
export function linearPattern(pattern: string): Pattern {
  try {
    new RegExp(pattern, 'u');
  } catch (cause) {
    throw new PatternRefusal(pattern, `is not a regular expression (${messageOf(cause)})`, { cause });
  }
  if (otherwiseRead.test(pattern)) {
    throw new PatternRefusal(pattern, 'has a back-reference or a class that RE2 reads otherwise');
  }
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern.replaceAll(surrogatePair, oneCharacter)));
  } catch (cause) {
    throw new PatternRefusal(pattern, `cannot be matched in linear time (${messageOf(cause)})`, { cause });
  }
}

/** Named in code that ajv generates for later use; this project generates none. */
linearPattern.code = 'linearPattern';

function oneCharacter(_pair: string, high: string, low: string): string {
  const character = String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
