const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const space = 0x20;

/** The members before the payload of a command, as this project writes them: a regular expression passes them several times faster than a loop. */
const membersBeforePayload = /\{(?:"(?:request_id|timestamp|device_id|command_type)":"[^"\\]*",)*/y;

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Returns the bytes of the value of a member of a JSON object, without the spaces around it; undefined if there is none. Where a name is
 * repeated, the last counts, as `JSON.parse` has it.
 *
 * @param json valid JSON in UTF-8, an object
 * @param name of ASCII characters
 */
export function memberSource(json: Uint8Array, name: string): Uint8Array | undefined {
  // A character for each byte: the structure of JSON is ASCII, and text is searched faster than bytes.
  const bytes = Buffer.isBuffer(json) ? json : Buffer.from(json.buffer, json.byteOffset, json.length);
  const span = memberSpan(bytes.toString('latin1'), name);
  return span && json.subarray(span.start, span.end);
}

/** Returns the same as {@link memberSource} of text. */
export function memberText(json: string, name: string): string | undefined {
  const span = memberSpan(json, name);
  return span && json.slice(span.start, span.end);
}

function memberSpan(json: string, name: string): Span | undefined {
  let found: Span | undefined;
  let at = startOfMembers(json, name);
  for (;;) {
    while (isSpaceOr(comma, json.charCodeAt(at))) at++;
    if (json.charCodeAt(at) !== quote) return found;
    const nameEnd = endOfText(json, at);
    const isWanted = isName(json, at, nameEnd, name);
    at = nameEnd;
    while (isSpaceOr(colon, json.charCodeAt(at))) at++;
    const end = endOfValue(json, at);
    if (isWanted) {
      found = { start: at, end };
      if (!mayHaveName(json, end, name)) return found;
    }
    at = end;
  }
}

function startOfMembers(json: string, name: string): number {
  membersBeforePayload.lastIndex = 0;
  const isPassed = name === 'payload' && membersBeforePayload.test(json);
  return isPassed ? membersBeforePayload.lastIndex : json.indexOf('{') + 1;
}

/** Returns false if no name from `start` on is `name`, also none that is written with escapes. */
function mayHaveName(json: string, start: number, name: string): boolean {
  return json.includes(name, start) || json.includes('\\', start);
}

function isSpaceOr(other: number, character: number): boolean {
  return character <= space || character === other;
}

/** Returns whether the text from `start` to `end`, with its quotes, is a name. */
function isName(json: string, start: number, end: number, name: string): boolean {
  if (end - start - 2 === name.length && json.startsWith(name, start + 1)) return true;
  return hasEscape(json, start, end) && JSON.parse(json.slice(start, end)) === name;
}

function hasEscape(json: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (json.charCodeAt(at) === backslash) return true;
  return false;
}

/** The place behind the text that begins at `start`. */
function endOfText(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let escapes = at;
    while (json.charCodeAt(escapes - 1) === backslash) escapes--;
    if ((at - escapes) % 2 === 0) return at + 1;
  }
  return json.length;
}

function endOfValue(json: string, start: number): number {
  const first = json.charCodeAt(start);
  if (first === quote) return endOfText(json, start);
  return first === openBrace || first === openBracket ? endOfNested(json, start) : endOfWord(json, start);
}

/** The place behind the object or array that begins at `start`. */
function endOfNested(json: string, start: number): number {
  let depth = 1;
  let at = start + 1;
  while (depth > 0 && at < json.length) {
    const character = json.charCodeAt(at);
    if (character === quote) {
      at = endOfText(json, at);
      continue;
    }
    if (character === openBrace || character === openBracket) depth++;
    else if (character === closeBrace || character === closeBracket) depth--;
    at++;
  }
  return at;
}

/** The place behind the number, `true`, `false` or `null` that begins at `start`. */
function endOfWord(json: string, start: number): number {
  let at = start;
  while (at < json.length) {
    const character = json.charCodeAt(at);
    if (character === closeBrace || character === closeBracket || isSpaceOr(comma, character)) return at;
    at++;
  }
  return at;
}
