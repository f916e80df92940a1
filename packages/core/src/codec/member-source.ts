const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const space = 0x20;

/**
 * Returns the bytes of the value of a member of a JSON object, without the spaces around it; undefined if there is none. Where a name is
 * repeated, the last counts, as `JSON.parse` has it.
 *
 * @param json valid JSON in UTF-8, an object
 * @param name of ASCII characters
 */
export function memberSource(json: Uint8Array, name: string): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  let at = json.indexOf(openBrace) + 1;
  for (;;) {
    while (isSpaceOr(comma, json[at])) at++;
    if (json[at] !== quote) return found;
    const nameEnd = endOfText(json, at);
    const isWanted = isName(json, at, nameEnd, name);
    at = nameEnd;
    while (isSpaceOr(colon, json[at])) at++;
    const end = endOfValue(json, at);
    if (isWanted) found = json.subarray(at, end);
    at = end;
  }
}

function isSpaceOr(other: number, byte: number | undefined): boolean {
  return byte !== undefined && (byte <= space || byte === other);
}

/** Returns whether the text from `start` to `end`, with its quotes, is a name. Compares bytes: most names are of other members. */
function isName(json: Uint8Array, start: number, end: number, name: string): boolean {
  const length = end - start - 2;
  let at = 0;
  while (at < length && json[start + 1 + at] === name.charCodeAt(at)) at++;
  if (at === length) return length === name.length;
  return hasEscape(json, start + 1 + at, end) && nameOf(json, start, end) === name;
}

function hasEscape(json: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (json[at] === backslash) return true;
  return false;
}

function nameOf(json: Uint8Array, start: number, end: number): string {
  return JSON.parse(Buffer.from(json.buffer, json.byteOffset + start, end - start).toString());
}

/** The place behind the text that begins at `start`. */
function endOfText(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at + 1;
}

function endOfValue(json: Uint8Array, start: number): number {
  const first = json[start];
  if (first === quote) return endOfText(json, start);
  return first === openBrace || first === openBracket ? endOfNested(json, start) : endOfWord(json, start);
}

/** The place behind the object or array that begins at `start`. */
function endOfNested(json: Uint8Array, start: number): number {
  let depth = 1;
  let at = start + 1;
  while (depth > 0) {
    const byte = json[at];
    if (byte === undefined) return at;
    if (byte === quote) {
      at = endOfText(json, at);
      continue;
    }
    if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) depth--;
    at++;
  }
  return at;
}

/** The place behind the number, `true`, `false` or `null` that begins at `start`. */
function endOfWord(json: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = json[at];
    if (byte === undefined || byte === closeBrace || byte === closeBracket || isSpaceOr(comma, byte))
      return at;
    at++;
  }
}
