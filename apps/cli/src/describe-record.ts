import { isUtf8 } from 'node:buffer';
import type { ConsumedRecord, RecordHeaders } from '@preservarium/backend';
import { decodeCommand } from '@preservarium/core';

/** Returns a record as `consume` prints it: with its command, or with the reason why it is poison and its value. */
export function describeRecord(record: ConsumedRecord) {
  const { topic, partition, offset } = record;
  const headers = describeHeaders(record.headers);
  const timestamp = new Date(record.timestampMs);
  const place = { topic, partition, offset, timestamp, key: textOf(record.key), headers };
  const decoded = decodeCommand(record.value, {
    requestId: `${topic}-${partition}-${offset}`,
    timestamp,
  });
  if (!decoded.ok) {
    return { ...place, poison: decoded.reason, message: decoded.message, value: textOf(record.value) };
  }
  const { command, unknownFields } = decoded;
  return { ...place, command, ...(Object.keys(unknownFields).length > 0 && { unknownFields }) };
}

/** Returns the headers in their order, each value as text if it is UTF-8, otherwise in base64. */
export function describeHeaders(headers: RecordHeaders) {
  return headers.map(([name, value]) => [name, textOf(value)] as const);
}

/** Returns the bytes as text if they are UTF-8, otherwise in base64. */
export function textOf(bytes: Buffer | null): string | { readonly base64: string } | null {
  if (bytes === null) return null;
  return isUtf8(bytes) ? bytes.toString() : { base64: bytes.toString('base64') };
}
