import { type ConsumedRecord, noHeaders, type RecordHeader, type RecordHeaders } from '@preservarium/backend';
import type { Message, MessageHeader } from 'node-rdkafka';

/** A message of node-rdkafka as the contract has it. */
export function toRecord(message: Message): ConsumedRecord {
  const { topic, partition, offset, timestamp, key, value, headers } = message;
  return {
    topic,
    partition,
    offset,
    timestampMs: timestamp ?? 0,
    key: key === null || key === undefined ? null : toBuffer(key),
    value,
    headers: headers === undefined || headers.length === 0 ? noHeaders : toHeaders(headers),
  };
}

/** The client gives null values as empty ones, and names up to their first NUL. */
function toHeaders(headers: readonly MessageHeader[]): RecordHeaders {
  return headers.map((header): RecordHeader => {
    for (const name in header) {
      if (Object.hasOwn(header, name)) return [name, toBuffer(header[name] as string | Buffer)];
    }
    // The client assigns the value to a property of the header's name; for this name, that sets the prototype.
    return ['__proto__', Object.getPrototypeOf(header) as Buffer];
  });
}

function toBuffer(bytes: string | Buffer): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
}
