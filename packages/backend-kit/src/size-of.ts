import { headersSize, type PublishRecord } from '@preservarium/backend';

/** Returns the bytes that the records have as they are sent. */
export function sizeOf(records: readonly PublishRecord[]): number {
  let bytes = 0;
  for (const { key, value, headers } of records) {
    bytes += key.length + value.length + (headers === undefined ? 0 : headersSize(headers));
  }
  return bytes;
}
