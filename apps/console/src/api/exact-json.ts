/** TypeScript has no types of them yet: https://tc39.es/proposal-json-parse-with-source */
const { parse, rawJSON: rawJson } = JSON as unknown as {
  parse(
    text: string,
    reviver: (name: string, value: unknown, context?: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/** A number of JSON whose text a JavaScript number does not keep: `1724442618569203714`, `21.0`. `JSON.stringify` writes that text. */
class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toJSON(): unknown {
    return rawJson(this.source);
  }
}

/**
 * Parses JSON so that `JSON.stringify` gives its numbers back digit by digit. Browsers before 2025 may not support that, and round them.
 *
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  return parse(text, (_, value, context) => {
    const source = context?.source;
    return typeof value !== 'number' || source === undefined || String(value) === source
      ? value
      : new ExactNumber(source);
  });
}

/** Returns whether all numbers of this JSON are the same as JavaScript numbers. */
export function hasPlainNumbers(text: string): boolean {
  return JSON.stringify(JSON.parse(text)) === JSON.stringify(parseExact(text));
}
