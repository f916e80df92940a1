/** A header of a record: its name, and its value in bytes or null. */
export type RecordHeader = readonly [name: string, value: Buffer | null];

/** The headers of a record in their order; a name may be empty, and may occur more than once. */
export type RecordHeaders = readonly RecordHeader[];

/** Shared by all records without headers. */
export const noHeaders: RecordHeaders = Object.freeze([]);

/** Returns headers with these texts as UTF-8, in the order of the names. */
export function textHeaders(texts: Readonly<Record<string, string>>): RecordHeaders {
  return Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]);
}

/** Returns the last value of a header as text in UTF-8; `undefined` if there is none, or if its value is null. */
export function headerText(headers: RecordHeaders, name: string): string | undefined {
  for (let index = headers.length - 1; index >= 0; index--) {
    const [found, value] = headers[index] as RecordHeader;
    if (found === name) return value?.toString();
  }
  return undefined;
}

/** Returns the text that each name has in `headerText`, as an object without a prototype. */
export function headerTexts(headers: RecordHeaders): Readonly<Record<string, string>> {
  const texts: Record<string, string> = Object.create(null);
  for (const [name, value] of headers) {
    if (value === null) delete texts[name];
    else texts[name] = value.toString();
  }
  return texts;
}

/** Returns the headers with these texts at the end, in place of all headers of the same names. */
export function withHeaderTexts(
  headers: RecordHeaders,
  texts: Readonly<Record<string, string>>,
): RecordHeaders {
  return [...headers.filter(([name]) => !Object.hasOwn(texts, name)), ...textHeaders(texts)];
}

/** Returns about how many bytes the headers take: names count by their characters. */
export function headersSize(headers: RecordHeaders): number {
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + (value?.length ?? 0);
  return bytes;
}
