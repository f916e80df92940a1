import type { ConsumedRecord } from '@preservarium/backend';
import type { KafkaMessage } from 'kafkajs';

/** A message of kafkajs as the contract has it. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  const { offset, timestamp, key, value, headers = {} } = message;
  return {
    topic,
    partition,
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key,
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, toText(text)])),
  };
}

/** A header that occurs more than once counts as its last value. */
function toText(header: Buffer | string | (Buffer | string)[] | undefined): string {
  return String((Array.isArray(header) ? header.at(-1) : header) ?? '');
}
