import type { ConsumedRecord } from '@preservarium/backend';

/** Returns the bytes of a record, about: headers count by their characters. */
export function recordSize({ key, value, headers }: ConsumedRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
