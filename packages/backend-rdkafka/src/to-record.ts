import type { ConsumedRecord } from '@preservarium/backend';
import type { Message } from 'node-rdkafka';

const noHeaders: ConsumedRecord['headers'] = Object.freeze({});

/** A message of node-rdkafka as the contract has it; a header that occurs more than once counts as its last value. */
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

function toBuffer(key: NonNullable<Message['key']>): Buffer {
  return Buffer.isBuffer(key) ? key : Buffer.from(key);
}

function toHeaders(headers: NonNullable<Message['headers']>): ConsumedRecord['headers'] {
  return Object.fromEntries(
    headers.flatMap((header) => Object.entries(header).map(([name, content]) => [name, content.toString()])),
  );
}
