import { noHeaders, type RecordHeader, type RecordHeaders } from '@preservarium/backend';

/** The header that holds the headers of an original record. */
export const originalHeadersName = 'original-headers';

/**
 * Returns the headers of a record as the text of one header: a JSON list of `[name, base64 or null]` in their order. Every client can
 * send it whatever the originals are, and none of them is taken for a header of the record that keeps them.
 */
export function encodeHeaders(headers: RecordHeaders): string {
  return JSON.stringify(headers.map(([name, value]) => [name, value?.toString('base64') ?? null]));
}

/** Returns the headers that {@link encodeHeaders} wrote; `undefined` where the text is something else. Never throws. */
export function decodeHeaders(text: string): RecordHeaders | undefined {
  if (text === '[]') return noHeaders;
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list) || !list.every(isEncoded)) return undefined;
    return list.map(
      ([name, value]): RecordHeader => [name, value === null ? null : Buffer.from(value, 'base64')],
    );
  } catch {
    return undefined;
  }
}

function isEncoded(entry: unknown): entry is [string, string | null] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  const [name, value] = entry as unknown[];
  return typeof name === 'string' && (value === null || typeof value === 'string');
}
