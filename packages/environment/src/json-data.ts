/** A text that is no JSON or YAML that is read. */
export class DataError extends Error {
  /** The message without anything of the text, for files with secrets. */
  readonly brief: string;

  constructor(
    message: string,
    { brief = message, cause }: { readonly brief?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.brief = brief;
  }
}

/**
 * Returns the value of a JSON text, in time in proportion to its length.
 *
 * @throws DataError when it is no JSON, or names a member of an object twice
 */
export function readJsonData(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(message, { brief: 'is not valid JSON', cause });
  }
  if (countMembers(value) === countColons(text)) return value;
  throw new DataError('an object has two members with the same name');
}

/** Without recursion: the value may be nested deeply. */
function countMembers(value: unknown): number {
  let count = 0;
  const left = [value];
  while (left.length > 0) {
    const each = left.pop();
    if (typeof each !== 'object' || each === null) continue;
    const members = Object.values(each);
    if (!Array.isArray(each)) count += members.length;
    for (const member of members) if (typeof member === 'object') left.push(member);
  }
  return count;
}

const [quote, backslash, colon] = ['"', '\\', ':'].map((each) => each.charCodeAt(0));

/** The colons outside of texts: one for each member that is written. */
function countColons(json: string): number {
  let count = 0;
  let isText = false;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (code === quote) isText = !isText;
    else if (isText && code === backslash) index++;
    else if (!isText && code === colon) count++;
  }
  return count;
}
